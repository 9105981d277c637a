import { readBy, type Key, type KeyPattern, type Keys } from "./change.ts";

/** Whoever wants to hear of changes to what they read. */
export type Reader = {
  readonly name: string;
  readonly reads: readonly KeyPattern[];
  /** @param keys those of the changed ones that it reads */
  run(keys: Keys): void | Promise<void>;
};

export type CommitsDeps = {
  /** What may not wait for a turn among others: it goes first, each time. [P3] */
  readonly guard: () => void;
  /** Looks after what a reader began and does not await, under its name. */
  readonly background: (what: string, work: Promise<unknown>) => void;
  readonly failed: (what: string, error: unknown) => void;
  readonly stopped: AbortSignal;
  /** In which order readers run: any is as good as another, and a test shuffles them. */
  readonly order?: (readers: readonly Reader[]) => readonly Reader[];
};

/**
 * Where sources say which keys have changed, once what changed is written. It runs just those who read them, each by
 * itself: one that fails keeps nobody from hearing. Nobody may depend on another having run before.
 */
export class Commits {
  readonly #deps: CommitsDeps;
  readonly #readers: Reader[] = [];
  /** Told before all that is stored was here: nothing is shown or done by half of it. */
  #early: Set<Key> | undefined = new Set();

  constructor(deps: CommitsDeps) {
    this.#deps = deps;
  }

  add(...readers: readonly Reader[]): void {
    this.#readers.push(...readers);
  }

  /** All that is stored is here: who reads what was told meanwhile hears of it now. */
  open(): void {
    const early = this.#early;
    this.#early = undefined;
    if (early && early.size > 0) this.tell(early);
  }

  /** These keys have changed, and what says so is written. */
  tell(keys: Iterable<Key>): void {
    if (this.#early) {
      for (const key of keys) this.#early.add(key);
      return;
    }
    const { guard, stopped, order = (readers) => readers } = this.#deps;
    const changed: Keys = new Set(keys);
    if (changed.size === 0 || stopped.aborted) return;
    guard();
    for (const reader of order(this.#readers)) {
      const read = readBy(reader.reads, changed);
      if (read.size > 0) this.#run(reader, read);
    }
  }

  #run(reader: Reader, keys: Keys): void {
    try {
      const running = reader.run(keys);
      if (running) this.#deps.background(reader.name, running);
    } catch (error) {
      this.#deps.failed(reader.name, error);
    }
  }
}
