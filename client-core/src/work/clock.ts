// Time, as the client is given it by its host. Whoever waits, or asks how late it is, does it by this clock, so that a
// test moves the time (`MovedClock`) and nobody waits in earnest. Keys are never made from it: `chance` only spreads
// waits, and what must not be guessed comes from `crypto.getRandomValues`.

/** Ends a wait or a beat. May be called again, and after the end. */
export type Stop = () => void;

export interface Clock {
  /** Milliseconds since 1970, as the device has it: a clock that anybody can set, and that goes on while it sleeps. */
  readonly now: () => number;
  /** Milliseconds since some moment, on a clock that nobody can set. It may stand still while the device sleeps. */
  readonly monotonic: () => number;
  /** A number from 0 up to, and without, 1. For waits that many clients should not end at once; never for a secret. */
  readonly chance: () => number;
  /** Calls back once after so long; `ms` up to `LONGEST_WAIT_MS`. */
  readonly after: (ms: number, then: () => void) => Stop;
  /** Calls back again and again, so far apart. */
  readonly every: (ms: number, then: () => void) => Stop;
  /** Aborted after so long, with a TimeoutError. Keeps no program running, and needs no end. */
  readonly timeout: (ms: number) => AbortSignal;
}

/** No platform's timer can wait longer. */
export const LONGEST_WAIT_MS = 2 ** 31 - 1;

/** The device's own clock: what a host gives unless it is told otherwise. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  chance: () => Math.random(),
  after(ms, then) {
    const timer = setTimeout(then, ms);
    return () => clearTimeout(timer);
  },
  every(ms, then) {
    const timer = setInterval(then, ms);
    return () => clearInterval(timer);
  },
  timeout: (ms) => AbortSignal.timeout(ms),
};

/** Waits so long. Ends early, and without complaint, when the signal is given. */
export function pause(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      stop();
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const stop = clock.after(ms, end);
    signal?.addEventListener("abort", end);
    if (signal?.aborted) end();
  });
}

/**
 * Lets others have their turn on this thread: messages of the page, answers of the network. It is no wait, so no clock
 * is asked.
 */
export function letOthersGo(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
