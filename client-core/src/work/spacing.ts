import { pause, type Clock } from "./clock.ts";

/** Keeps the beginnings of one thing, done again and again, apart. */
export class Spacing {
  readonly #clock: Clock;
  readonly #ms: number;
  #last = -Infinity;

  constructor(clock: Clock, ms: number) {
    this.#clock = clock;
    this.#ms = ms;
  }

  /** Returns when so long has passed since it last returned, at once the first time; early when the signal is given. */
  async next(signal: AbortSignal): Promise<void> {
    const early = this.#last + this.#ms - this.#clock.monotonic();
    if (early > 0) await pause(this.#clock, early, signal);
    this.#last = this.#clock.monotonic();
  }
}
