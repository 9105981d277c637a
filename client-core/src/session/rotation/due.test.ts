import { expect, test } from "vitest";
import { NEVER_ROTATED, isDueAtStart, waitBeforeRotation } from "./due.ts";

const HOUR = 3_600_000;
const now = 1000 * HOUR + 60_000;
const hourly = { at: now, blockMs: HOUR, pruned: false };

test("a start rotates its storage in a new block, after a prune, and the first time", () => {
  expect(isDueAtStart(hourly, now + 1)).toBe(false);
  expect(isDueAtStart(hourly, 1001 * HOUR)).toBe(true);
  expect(isDueAtStart({ ...hourly, pruned: true }, now + 1)).toBe(true);
  expect(isDueAtStart(NEVER_ROTATED, now)).toBe(true);
});

test("a running session rotates its storage only when something was pruned, once per block", () => {
  expect(waitBeforeRotation(hourly, 1001 * HOUR)).toBeUndefined();
  const pruned = { ...hourly, pruned: true };
  expect(waitBeforeRotation({ ...NEVER_ROTATED, pruned: true }, now)).toBeLessThanOrEqual(1000);
  expect(waitBeforeRotation(pruned, now + 5)).toBe(1001 * HOUR - now - 5);
  expect(waitBeforeRotation(pruned, 1001 * HOUR + 5)).toBeLessThanOrEqual(1000);
});

test("blocks of seconds don't interrupt a session all the time, and a clock put back doesn't hold it up for long", () => {
  const short = { at: now, blockMs: 1000, pruned: true };
  expect(waitBeforeRotation(short, now + 2000)).toBe(8000);
  expect(waitBeforeRotation({ ...hourly, pruned: true }, now - 100 * HOUR)).toBeLessThanOrEqual(HOUR);
});
