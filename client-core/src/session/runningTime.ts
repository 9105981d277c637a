const TICK_MS = 250;

/**
 * Calls back after so long, counted only while this program gets its turn. When the machine stood still, whoever is
 * waited for stood still as well: a timer that fires right afterwards would give up on somebody who had no time to answer.
 * @returns stops it
 */
export function afterRunning(ms: number, then: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const wait = (left: number) => {
    timer = setTimeout(() => (left > TICK_MS ? wait(left - TICK_MS) : then()), Math.min(left, TICK_MS));
  };
  wait(ms);
  return () => clearTimeout(timer);
}
