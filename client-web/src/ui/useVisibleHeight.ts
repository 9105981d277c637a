"use client";

import { useEffect } from "react";

/**
 * How high what can be seen of the page is, for the page to keep to.
 * @returns px; undefined where the layout has that height by itself, and where a zoom shows a part of the page
 */
export function visibleHeight(layout: number, visual: { height: number; scale: number }): number | undefined {
  const isZoomed = Math.abs(visual.scale - 1) > 0.01;
  return isZoomed || visual.height > layout - 1 ? undefined : Math.round(visual.height);
}

/**
 * Keeps the page above a phone's keyboard, by `--visible`. Where `interactive-widget` is known the layout gets smaller by
 * itself; elsewhere (Safari) only the visual viewport does, and the page is pushed up out of view.
 */
export function useVisibleHeight(): void {
  useEffect(() => {
    const viewport = window.visualViewport;
    if (!viewport) return;
    const { style } = document.documentElement;
    const follow = () => {
      const height = visibleHeight(window.innerHeight, viewport);
      if (height === undefined) return void style.removeProperty("--visible");
      style.setProperty("--visible", `${height}px`);
      window.scrollTo(0, 0);
    };
    follow();
    viewport.addEventListener("resize", follow);
    viewport.addEventListener("scroll", follow);
    return () => {
      viewport.removeEventListener("resize", follow);
      viewport.removeEventListener("scroll", follow);
      style.removeProperty("--visible");
    };
  }, []);
}
