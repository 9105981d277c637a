"use client";

import { useEffect, useEffectEvent, useLayoutEffect, useRef, useState, type RefObject } from "react";

const NEAR_END_PX = 80;
/** So much of what was read before stays in sight above what is new. */
const BEFORE_PX = 64;
/** Lines are never quite at whole pixels. */
const HAIR_PX = 2;

/**
 * Keeps a list that grows at its end where its reader is: at the end while they are there, whatever takes room from it or
 * gives it back (a keyboard, a bar, a long draft), and else at the lines that they read. Says which lines they have in view.
 *
 * @param lines ids of what stands in the list, as its elements' `data-line` has them; newest last
 * @param startAt where to begin instead of at the end: the line from which on all is new
 * @param jumpTo another one than before puts the reader at the end again, wherever they were
 * @param onSeen called with the lowest line that is wholly in view of somebody, each time that may be another
 * @returns the ref of what scrolls, whether the end is out of view, and how to go there
 */
export function usePinned({
  lines,
  startAt,
  jumpTo,
  onSeen,
}: {
  lines: readonly string[];
  startAt: string | undefined;
  jumpTo: string | undefined;
  onSeen: (line: string) => void;
}): { scroller: RefObject<HTMLDivElement | null>; away: boolean; toEnd: () => void } {
  const scroller = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const size = useRef(0);
  const before = useRef<{ first: string | undefined; height: number }>({ first: undefined, height: 0 });
  const [away, setAway] = useState(false);
  const jumped = useRef(jumpTo);
  const first = lines[0];

  const look = useEffectEvent(() => {
    const box = scroller.current;
    if (!box) return;
    setAway(!atEnd.current);
    if (document.visibilityState !== "visible" || box.closest("[inert], [aria-hidden=true]")) return;
    const bottom = box.getBoundingClientRect().bottom + HAIR_PX;
    const shown = [...box.querySelectorAll<HTMLElement>("[data-line]")];
    const lowest = shown.findLast((line) => line.getBoundingClientRect().bottom <= bottom);
    if (lowest?.dataset["line"] !== undefined) onSeen(lowest.dataset["line"]);
  });

  useLayoutEffect(() => {
    const box = scroller.current;
    if (!box) return;
    if (jumpTo !== undefined && jumped.current !== jumpTo) atEnd.current = true;
    jumped.current = jumpTo;
    if (before.current.first === undefined && startAt !== undefined) {
      const start = box.querySelector<HTMLElement>(`[data-line="${CSS.escape(startAt)}"]`);
      box.scrollTop = (start?.offsetTop ?? box.scrollHeight) - Math.min(BEFORE_PX, box.clientHeight / 3);
      atEnd.current = isAtEnd(box);
    } else if (atEnd.current) box.scrollTop = box.scrollHeight;
    else if (before.current.first !== first) box.scrollTop += box.scrollHeight - before.current.height;
    before.current = { first, height: box.scrollHeight };
    size.current = box.clientHeight;
    look();
  }, [first, lines, startAt, jumpTo]);

  useEffect(() => {
    const box = scroller.current;
    if (!box) return;
    const onScroll = () => {
      // What has just got another height scrolls by that alone: nobody has moved.
      if (box.clientHeight === size.current) atEnd.current = isAtEnd(box);
      look();
    };
    const sizes = new ResizeObserver(() => {
      size.current = box.clientHeight;
      if (atEnd.current) box.scrollTop = box.scrollHeight;
      look();
    });
    sizes.observe(box);
    for (const child of box.children) sizes.observe(child);
    // A window over the page hides it from everybody, and says so by these.
    const covers = new MutationObserver(() => look());
    covers.observe(document.body, {
      attributes: true,
      attributeFilter: ["inert", "aria-hidden"],
      subtree: true,
    });
    box.addEventListener("scroll", onScroll, { passive: true });
    document.addEventListener("visibilitychange", look);
    return () => {
      sizes.disconnect();
      covers.disconnect();
      box.removeEventListener("scroll", onScroll);
      document.removeEventListener("visibilitychange", look);
    };
  }, []);

  const toEnd = () => {
    const box = scroller.current;
    if (!box) return;
    atEnd.current = true;
    box.scrollTop = box.scrollHeight;
  };
  return { scroller, away, toEnd };
}

function isAtEnd(box: HTMLElement): boolean {
  return box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END_PX;
}
