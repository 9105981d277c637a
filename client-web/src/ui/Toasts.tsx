"use client";

import { useSyncExternalStore } from "react";
import styles from "./Toasts.module.css";

type Note = { id: number; text: string };
let notes: readonly Note[] = [];
const none: readonly Note[] = [];
let next = 1;
const listeners = new Set<() => void>();

function publish(value: readonly Note[]) {
  notes = value;
  for (const listener of listeners) listener();
}

/** Says that something worked, for eyes and screen readers alike. What failed is said where it failed instead. */
export function say(text: string): void {
  const note = { id: next++, text };
  publish([note]);
  setTimeout(() => publish(notes.filter((each) => each !== note)), 5000);
}

/** Takes away what was said: it may name somebody, and nobody is to read it now. */
export function unsay(): void {
  publish(none);
}

/** Where it is said. Stands on every page from the start, so that screen readers listen to it. */
export function Toasts() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    () => notes,
    () => none,
  );
  return (
    <div className={`${styles.toasts} no-print`} role="status" aria-live="polite">
      {shown.map((note) => (
        <p key={note.id} className={styles.toast}>
          {note.text}
        </p>
      ))}
    </div>
  );
}
