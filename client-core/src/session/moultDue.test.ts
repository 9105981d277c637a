import { expect, test } from "vitest";
import { NEVER_MOULTED, isDueAtStart, waitBeforeMoult } from "./moultDue.ts";

const HOUR = 3_600_000;
const now = 1000 * HOUR + 60_000;
const hourly = { at: now, blockMs: HOUR, pruned: false };

test("a start moults in a new block, after a prune, and the first time", () => {
  expect(isDueAtStart(hourly, now + 1)).toBe(false);
  expect(isDueAtStart(hourly, 1001 * HOUR)).toBe(true);
  expect(isDueAtStart({ ...hourly, pruned: true }, now + 1)).toBe(true);
  expect(isDueAtStart(NEVER_MOULTED, now)).toBe(true);
});

test("a running session moults only when something was pruned, once per block", () => {
  expect(waitBeforeMoult(hourly, 1001 * HOUR)).toBeUndefined();
  const pruned = { ...hourly, pruned: true };
  expect(waitBeforeMoult({ ...NEVER_MOULTED, pruned: true }, now)).toBeLessThanOrEqual(1000);
  expect(waitBeforeMoult(pruned, now + 5)).toBe(1001 * HOUR - now - 5);
  expect(waitBeforeMoult(pruned, 1001 * HOUR + 5)).toBeLessThanOrEqual(1000);
});

test("blocks of seconds don't interrupt a session all the time, and a clock put back doesn't hold it up for long", () => {
  const short = { at: now, blockMs: 1000, pruned: true };
  expect(waitBeforeMoult(short, now + 2000)).toBe(8000);
  expect(waitBeforeMoult({ ...hourly, pruned: true }, now - 100 * HOUR)).toBeLessThanOrEqual(HOUR);
});
