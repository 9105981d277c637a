"use client";

import { useCallback, useSyncExternalStore } from "react";

/**
 * What somebody has typed and not sent. It may speak of the people served, so it lives in this page's memory
 * and nowhere else: a change of route keeps it, signing out or closing the tab forgets it.
 */
const drafts = new Map<string, unknown>();
const listeners = new Set<() => void>();

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

export function forgetDrafts(): void {
  drafts.clear();
  for (const listener of listeners) listener();
}

/** A request gets another id when the server has made its room: what was typed there goes along. */
export function moveDrafts(fromId: string, toId: string): void {
  const names = [...drafts.keys()].filter((name) => name.endsWith(`:${fromId}`));
  for (const name of names) {
    drafts.set(name.slice(0, -fromId.length) + toId, drafts.get(name));
    drafts.delete(name);
  }
  for (const listener of listeners) listener();
}

/** Like useState, under a name that outlives the component. `undefined` forgets it. */
export function useDraft<T>(name: string): [T | undefined, (value: T | undefined) => void] {
  const value = useSyncExternalStore(
    subscribe,
    () => drafts.get(name) as T | undefined,
    () => undefined,
  );
  const set = useCallback(
    (next: T | undefined) => {
      if (next === undefined) drafts.delete(name);
      else drafts.set(name, next);
      for (const listener of listeners) listener();
    },
    [name],
  );
  return [value, set];
}
