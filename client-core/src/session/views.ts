import type { Slice, Views } from "../contract/index.ts";
import type { ViewStore } from "./api.ts";
import { shownTexts } from "./shownTexts.ts";

/**
 * The newest snapshot of each slice, and who wants to hear of it: for hosts. Nothing below them reads one back, because a
 * picture is no state to decide by; what publishes gets a `ViewStore`, which can't.
 */
export class PublishedViews implements ViewStore {
  readonly #values = new Map<Slice, Views[Slice]>();
  readonly #listeners = new Map<Slice, Set<() => void>>();
  readonly #onChange: (slice: Slice, value: Views[Slice] | undefined) => void;

  /** @param onChange told of every change, before the subscribers: a worker posts it to its page */
  constructor(onChange: (slice: Slice, value: Views[Slice] | undefined) => void = () => {}) {
    this.#onChange = onChange;
    this.set("join", { step: "idle", canResume: false });
  }

  latest<S extends Slice>(slice: S): Views[S] | undefined {
    return this.#values.get(slice) as Views[S] | undefined;
  }

  set<S extends Slice>(slice: S, made: Views[S]): void {
    const value = shownTexts(made);
    this.#values.set(slice, value);
    this.#publish(slice, value);
  }

  remove(slice: Slice): void {
    if (this.#values.delete(slice)) this.#publish(slice, undefined);
  }

  /** Back to what a page shows before anybody is known: nothing of an org or a room stays. */
  reset(): void {
    for (const slice of this.#values.keys()) {
      if (slice !== "session" && slice !== "join") this.remove(slice);
    }
  }

  listen(slice: Slice, listener: () => void): () => void {
    const listeners = this.#listeners.get(slice) ?? new Set();
    this.#listeners.set(slice, listeners);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  #publish(slice: Slice, value: Views[Slice] | undefined): void {
    this.#onChange(slice, value);
    for (const listener of this.#listeners.get(slice) ?? []) listener();
  }
}
