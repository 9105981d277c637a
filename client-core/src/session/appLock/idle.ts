import type { Clock, Stop } from "../../work/clock.ts";

/**
 * Says once that nobody has touched anything for a while. Both clocks count: the one that anybody can set, because it
 * goes on while a device sleeps, and the one that nobody can.
 */
export class Idle {
  readonly #clock: Clock;
  readonly #onIdle: () => void;
  #limitMs: number | undefined;
  #touched = { now: 0, ran: 0 };
  #stop: Stop = () => {};

  constructor(clock: Clock, onIdle: () => void) {
    this.#clock = clock;
    this.#onIdle = onIdle;
  }

  /** @param limitMs undefined for never */
  set(limitMs: number | undefined): void {
    if (limitMs === this.#limitMs) return;
    this.#stop();
    if (this.#limitMs === undefined) this.touch();
    this.#limitMs = limitMs;
    if (limitMs === undefined) return;
    this.#stop = this.#clock.every(Math.min(1_000, limitMs / 4), () => this.#look());
  }

  touch(): void {
    this.#touched = { now: this.#clock.now(), ran: this.#clock.monotonic() };
  }

  #look(): void {
    const { now, ran } = this.#touched;
    const quiet = Math.max(this.#clock.now() - now, this.#clock.monotonic() - ran);
    if (this.#limitMs === undefined || quiet < this.#limitMs) return;
    this.set(undefined);
    this.#onIdle();
  }
}
