import fc from "fast-check";
import { expect, test } from "vitest";
import { NO_TRIES, WAITS, counted, nextTryAt, waitAfter, wipes } from "./tries.ts";

const time = fc.integer({ min: 0, max: 2 ** 45 });
const tries = fc.record({ failed: fc.nat(10_000), at: time });

test("four wrong tries are free, the fifth makes wait, and each more makes wait longer, up to the longest", () => {
  expect([0, 1, 2, 3, 4].map((failed) => waitAfter(failed))).toEqual([0, 0, 0, 0, 0]);
  expect([5, 6, 7, 8].map((failed) => waitAfter(failed) / 1_000)).toEqual([30, 60, 120, 240]);
  fc.assert(
    fc.property(fc.nat(10_000), (failed) => {
      const [wait, next] = [waitAfter(failed), waitAfter(failed + 1)];
      expect(next).toBeGreaterThanOrEqual(wait);
      expect(next).toBeLessThanOrEqual(WAITS.longestMs);
      if (wait > 0 && wait < WAITS.longestMs) expect(next).toBeGreaterThan(wait);
    }),
  );
});

test("whatever the clock is set to, nobody waits longer than the wait, and a reload shortens nothing", () => {
  fc.assert(
    fc.property(tries, time, (kept, now) => {
      const again = JSON.parse(JSON.stringify(kept)) as typeof kept;
      expect(nextTryAt(again, now)).toBe(nextTryAt(kept, now));
      expect(nextTryAt(kept, now) - now).toBeLessThanOrEqual(waitAfter(kept.failed));
      // A clock that was not put back counts the time that has passed, and no other.
      if (now >= kept.at) expect(nextTryAt(kept, now)).toBe(kept.at + waitAfter(kept.failed));
      else expect(nextTryAt(kept, now)).toBe(now + waitAfter(kept.failed));
    }),
  );
});

test("somebody who tries without pause gets no more than so many tries in a day", () => {
  let kept = NO_TRIES;
  let now = 1_000_000;
  const day = now + 86_400_000;
  let made = 0;
  for (; now < day; made++) {
    kept = counted(kept, now);
    now = Math.max(now, nextTryAt(kept, now));
  }
  // Four without a wait, seven while it doubles, then one an hour.
  expect(made).toBe(4 + 7 + 23);
});

test("keys are destroyed at the number that the policy names, and never without one", () => {
  fc.assert(
    fc.property(fc.nat(200), fc.integer({ min: 5, max: 100 }), (failed, limit) => {
      expect(wipes({ failed, at: 0 }, limit)).toBe(failed >= limit);
      expect(wipes({ failed, at: 0 }, undefined)).toBe(false);
    }),
  );
});
