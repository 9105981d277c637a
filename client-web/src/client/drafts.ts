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
  renamed.clear();
  for (const listener of listeners) listener();
}

/** What names end with, by what they ended with before. */
const renamed = new Map<string, string>();

/**
 * A request gets another id when the server has made its room: from now on both ids name the same drafts. Nobody is
 * told, because nothing changes for them; so it may be called, again and again, before anything is shown under the
 * new id. A letter typed in between would be lost otherwise.
 */
export function shareDrafts(fromId: string, toId: string): void {
  if (fromId === toId || renamed.get(fromId) === toId) return;
  renamed.set(fromId, toId);
  for (const name of [...drafts.keys()].filter((each) => each.endsWith(`:${fromId}`))) {
    drafts.set(currentName(name), drafts.get(name));
    drafts.delete(name);
  }
}

function currentName(name: string): string {
  const colon = name.indexOf(":");
  const toId = renamed.get(name.slice(colon + 1));
  return toId === undefined ? name : name.slice(0, colon + 1) + toId;
}

/** Like useState, under a name that outlives the component. `undefined` forgets it. */
export function useDraft<T>(name: string): [T | undefined, (value: T | undefined) => void] {
  const value = useSyncExternalStore(
    subscribe,
    () => drafts.get(currentName(name)) as T | undefined,
    () => undefined,
  );
  const set = useCallback(
    (next: T | undefined) => {
      if (next === undefined) drafts.delete(currentName(name));
      else drafts.set(currentName(name), next);
      for (const listener of listeners) listener();
    },
    [name],
  );
  return [value, set];
}
