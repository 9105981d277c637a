import type { Clock, Stop } from "./clock.ts";

const TICK_MS = 250;

/**
 * Calls back after so long, counted only while this program gets its turn. When the machine stood still, whoever is
 * waited for stood still as well: a timer that fires right afterwards would give up on somebody who had no time to answer.
 * @returns stops it
 */
export function afterRunning(clock: Clock, ms: number, then: () => void): Stop {
  let stop: Stop = () => {};
  const wait = (left: number) => {
    stop = clock.after(Math.min(left, TICK_MS), () => (left > TICK_MS ? wait(left - TICK_MS) : then()));
  };
  wait(ms);
  return () => stop();
}

/**
 * Waits for work, and no longer than so much of the program's running time.
 * @throws when it was not done in time, or what it throws
 */
export async function within(clock: Clock, ms: number, work: Promise<void>): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const stop = afterRunning(clock, ms, () => reject(new Error("not done in time")));
  try {
    await Promise.race([work, late]);
  } finally {
    stop();
  }
}
