import type { Clock, Stop } from "./clock.ts";
import { askedToWaitMs, kindOfFailure } from "./failure.ts";

/** Until the next try is worth it, and at least so long; ends early when there is nothing left to try for. */
export type Pause = (atLeastMs?: number) => Promise<void>;

/**
 * Tries until it works, as long as what goes wrong is of a kind that passes (`kindOfFailure`).
 * @param pause between two tries; a server that asks to be left alone is, for so long
 * @throws what failed for another reason, or at all once `stopped`
 */
export async function untilItWorks<T>(
  work: () => Promise<T>,
  pause: Pause,
  stopped: AbortSignal,
): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (stopped.aborted || kindOfFailure(error) !== "passes") throw error;
      await pause(askedToWaitMs(error));
      if (stopped.aborted) throw error;
    }
  }
}

/** Waits that grow from failure to failure, up to the last. */
export class Backoff {
  readonly #waitsMs: readonly number[];
  #failures = 0;

  /** @param waitsMs milliseconds after the first failure, the second, …; the last one for all that follow */
  constructor(waitsMs: readonly number[]) {
    this.#waitsMs = waitsMs;
  }

  get failures(): number {
    return this.#failures;
  }

  /** How long to wait now, in milliseconds; undefined when it has worked last. */
  get waitMs(): number | undefined {
    return this.#waitsMs[Math.min(this.#failures, this.#waitsMs.length) - 1];
  }

  /** Notes a failure. @returns how long to wait after it */
  failed(): number {
    this.#failures += 1;
    return this.waitMs ?? 0;
  }

  worked(): void {
    this.#failures = 0;
  }
}

/** One thing that is done later; what is to be done instead takes its place. */
export class Later {
  readonly #clock: Clock;
  #stop: Stop | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isWaiting(): boolean {
    return this.#stop !== undefined;
  }

  /** Takes the place of what waited before. */
  in(ms: number, work: () => void): void {
    this.stop();
    this.#stop = this.#clock.after(ms, () => {
      this.#stop = undefined;
      work();
    });
  }

  stop(): void {
    this.#stop?.();
    this.#stop = undefined;
  }
}
