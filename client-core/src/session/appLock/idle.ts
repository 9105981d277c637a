/**
 * Says once that nobody has touched anything for a while. Both clocks count: the one that anybody can set, because it
 * goes on while a device sleeps, and the one that nobody can.
 */
export class Idle {
  readonly #now: () => number;
  readonly #onIdle: () => void;
  #limitMs: number | undefined;
  #touched = { now: 0, ran: 0 };
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(now: () => number, onIdle: () => void) {
    this.#now = now;
    this.#onIdle = onIdle;
  }

  /** @param limitMs undefined for never */
  set(limitMs: number | undefined): void {
    if (limitMs === this.#limitMs) return;
    clearInterval(this.#timer);
    if (this.#limitMs === undefined) this.touch();
    this.#limitMs = limitMs;
    if (limitMs === undefined) return;
    this.#timer = setInterval(() => this.#look(), Math.min(1_000, limitMs / 4));
  }

  touch(): void {
    this.#touched = { now: this.#now(), ran: performance.now() };
  }

  #look(): void {
    const { now, ran } = this.#touched;
    const quiet = Math.max(this.#now() - now, performance.now() - ran);
    if (this.#limitMs === undefined || quiet < this.#limitMs) return;
    this.set(undefined);
    this.#onIdle();
  }
}
