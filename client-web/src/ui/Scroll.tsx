"use client";

import { useEffect, useRef, useState, type ReactNode } from "react";

/**
 * A part of a page that scrolls by itself. While there is more of it than is seen it takes the focus, so that a keyboard can
 * scroll it whatever stands in it.
 */
export function Scroll({
  label,
  className,
  children,
}: {
  label: string;
  className: string | undefined;
  children: ReactNode;
}) {
  const box = useRef<HTMLElement>(null);
  const [more, setMore] = useState(false);
  useEffect(() => {
    const { current } = box;
    if (!current) return;
    const measure = () => setMore(current.scrollHeight > current.clientHeight + 1);
    const sizes = new ResizeObserver(measure);
    const contents = new MutationObserver(() => {
      for (const child of current.children) sizes.observe(child);
      measure();
    });
    contents.observe(current, { childList: true });
    for (const child of [current, ...current.children]) sizes.observe(child);
    return () => {
      sizes.disconnect();
      contents.disconnect();
    };
  }, []);
  return (
    <section ref={box} className={className} aria-label={label} {...(more ? { tabIndex: 0 } : {})}>
      {children}
    </section>
  );
}
