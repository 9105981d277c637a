"use client";

import { useSyncExternalStore } from "react";
import { dayAndTime, exactTime, shortAgo } from "./time.ts";

let minute = 0;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

/** One clock for the page, by the minute; it runs only while somebody looks at it. */
function subscribe(listener: () => void) {
  listeners.add(listener);
  minute = Date.now();
  timer ??= setInterval(() => {
    minute = Date.now();
    for (const each of listeners) each();
  }, 30_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** The time by that clock. */
export function useNow(): number {
  return useSyncExternalStore(
    subscribe,
    () => (minute === 0 ? (minute = Date.now()) : minute),
    () => 0,
  );
}

/** How long ago, in a few letters; the exact time on hover and for machines. */
export function Ago({ at }: { at: number }) {
  const now = useNow();
  return (
    <time dateTime={new Date(at).toISOString()} title={exactTime(at)}>
      {shortAgo(at, now)}
    </time>
  );
}

/** Day and time of the clock. */
export function At({ at }: { at: number }) {
  const now = useNow();
  return (
    <time dateTime={new Date(at).toISOString()} title={exactTime(at)}>
      {dayAndTime(at, now)}
    </time>
  );
}
