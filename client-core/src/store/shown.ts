import type { Slice, Views } from "../contract/index.ts";
import type { Keys, KeyPattern } from "./change.ts";
import type { Reader } from "./commit.ts";
import { share } from "./share.ts";

/** What a person sees in one slice, and what it is made of. */
export type View<S extends Slice = Slice> = {
  readonly slice: S;
  readonly reads: readonly KeyPattern[];
  /**
   * @param keys those of `reads` that have changed; undefined for the first time, and for all of it
   * @returns undefined when there is nothing to show
   */
  readonly make: (keys: Keys | undefined) => Views[S] | undefined;
};

/** Where views are published, as the session lends it. */
export type Screen = {
  set<S extends Slice>(slice: S, value: Views[S]): void;
  remove(slice: Slice): void;
};

/** Publishes what differs from what was shown last; what has not changed in it keeps its identity. */
export class Shown {
  readonly #screen: Screen;
  readonly #last = new Map<Slice, Views[Slice]>();

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  set<S extends Slice>(slice: S, value: Views[S] | undefined): void {
    const before = this.#last.get(slice) as Views[S] | undefined;
    if (value === undefined) return this.remove(slice);
    const next = share(before, value);
    if (next === before) return;
    this.#last.set(slice, next);
    this.#screen.set(slice, next);
  }

  remove(slice: Slice): void {
    this.#last.delete(slice);
    this.#screen.remove(slice);
  }

  /** What makes this view anew when something that it reads has changed. */
  reader<S extends Slice>({ slice, reads, make }: View<S>): Reader {
    return { name: `showing ${slice}`, reads, run: (keys) => this.set(slice, make(keys)) };
  }
}
