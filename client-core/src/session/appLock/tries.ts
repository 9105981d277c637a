/** What is kept of wrong tries at an app lock. Times are milliseconds since 1970, by the device's clock. */
export type Tries = {
  /** Wrong ones since the last right one. A try counts before it is looked at, so that no kill saves one. */
  readonly failed: number;
  /** When the last of them was. */
  readonly at: number;
};

export const NO_TRIES: Tries = { failed: 0, at: 0 };

/** So many wrong tries are free. */
const FREE = 5;
export type Waits = { readonly firstMs: number; readonly longestMs: number };
/** After the fifth wrong try 30 seconds, then twice as long after each, up to an hour. */
export const WAITS: Waits = { firstMs: 30_000, longestMs: 3_600_000 };

/** How long nobody may try after so many wrong tries, in milliseconds. */
export function waitAfter(failed: number, { firstMs, longestMs }: Waits = WAITS): number {
  if (failed < FREE) return 0;
  return Math.min(longestMs, firstMs * 2 ** Math.min(failed - FREE, 40));
}

/**
 * From when on somebody may try again. A clock that was put back since the last try says nothing: the wait then begins
 * anew, so it is never longer than `waitAfter`.
 */
export function nextTryAt(tries: Tries, now: number, waits: Waits = WAITS): number {
  return Math.min(tries.at, now) + waitAfter(tries.failed, waits);
}

/** A try that is about to be looked at, as if it had been wrong. */
export function counted(tries: Tries, now: number): Tries {
  return { failed: tries.failed + 1, at: now };
}

/** @param wipeAfter what the policy says: after so many wrong tries the keys are destroyed; undefined for never */
export function wipes(tries: Tries, wipeAfter: number | undefined): boolean {
  return wipeAfter !== undefined && tries.failed >= wipeAfter;
}
