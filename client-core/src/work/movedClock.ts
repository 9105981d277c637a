import { letOthersGo } from "./clock.ts";
import type { Clock, Stop } from "./clock.ts";

type Wait = { at: number; readonly call: () => void; readonly everyMs: number | undefined };

/** A clock that stands until a test moves it, and calls back whoever waits for the time that passed. */
export class MovedClock implements Clock {
  #now: number;
  #ran = 0;
  readonly #waits = new Set<Wait>();
  /** What `chance` gives. */
  luck = 0.5;

  /** @param now milliseconds since 1970 at which it stands first */
  constructor(now: number = Date.UTC(2026, 0, 5, 12)) {
    this.#now = now;
  }

  readonly now = (): number => this.#now;
  readonly monotonic = (): number => this.#ran;
  readonly chance = (): number => this.luck;

  readonly after = (ms: number, then: () => void): Stop => this.#wait(ms, then, undefined);
  readonly every = (ms: number, then: () => void): Stop => this.#wait(ms, then, ms);

  readonly timeout = (ms: number): AbortSignal => {
    const controller = new AbortController();
    this.after(ms, () => controller.abort(new DOMException("this took too long", "TimeoutError")));
    return controller.signal;
  };

  /** How many waits there are now. */
  get waits(): number {
    return this.#waits.size;
  }

  /** Somebody sets the device's clock, or it was wrong: nothing that waits comes nearer by that. */
  set(now: number): void {
    this.#now = now;
  }

  /**
   * So much time passes while the program runs. Whoever waits is called in turn, each at their time, and what they do
   * then has its turn before the next: what it waits for besides the clock (an answer, a write) it may find done.
   */
  async pass(ms: number): Promise<void> {
    const until = this.#ran + ms;
    await letOthersGo();
    for (let next = this.#next(until); next; next = this.#next(until)) {
      this.#go(Math.max(next.at, this.#ran));
      this.#call(next);
      await letOthersGo();
    }
    this.#go(until);
    await letOthersGo();
  }

  /**
   * Time passes, a little at a time, until work is done that waits for it now and again, and for other things between.
   * @returns what the work gives
   */
  async passUntil<T>(work: Promise<T>, stepMs = 100): Promise<T> {
    let isDone = false;
    const done = work.finally(() => (isDone = true));
    done.catch(() => {});
    while (!isDone) await this.pass(stepMs);
    return done;
  }

  /** So much time passes in which the program does not run, as in a device that sleeps: what is due fires afterwards, once. */
  async standStill(ms: number): Promise<void> {
    await letOthersGo();
    this.#go(this.#ran + ms);
    for (const wait of [...this.#waits].filter(({ at }) => at <= this.#ran).toSorted((a, b) => a.at - b.at))
      if (this.#waits.has(wait)) this.#call(wait);
    await letOthersGo();
  }

  #go(ran: number): void {
    this.#now += ran - this.#ran;
    this.#ran = ran;
  }

  #call(wait: Wait): void {
    if (wait.everyMs === undefined) this.#waits.delete(wait);
    else wait.at = this.#ran + wait.everyMs;
    wait.call();
  }

  #next(until: number): Wait | undefined {
    let next: Wait | undefined;
    for (const wait of this.#waits) if (wait.at <= until && (!next || wait.at < next.at)) next = wait;
    return next;
  }

  #wait(ms: number, call: () => void, everyMs: number | undefined): Stop {
    // A timer of nothing fires after a moment, as everywhere: otherwise what sets itself again would never end.
    const wait: Wait = { at: this.#ran + Math.max(1, ms), call, everyMs: everyMs && Math.max(1, everyMs) };
    this.#waits.add(wait);
    return () => this.#waits.delete(wait);
  }
}
