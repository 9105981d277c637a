import { expect, test, vi } from "vitest";
import { MovedClock } from "./movedClock.ts";
import { afterRunning } from "./runningTime.ts";

test("calls back after the whole time, once", async () => {
  const clock = new MovedClock();
  const then = vi.fn<() => void>();
  afterRunning(clock, 1_100, then);
  await clock.pass(1_099);
  expect(then).not.toHaveBeenCalled();
  await clock.pass(10_000);
  expect(then).toHaveBeenCalledTimes(1);
});

test("a standstill, after which what is due fires once and at once, is not counted", async () => {
  const clock = new MovedClock();
  const then = vi.fn<() => void>();
  afterRunning(clock, 10_000, then);
  // However late it comes: what is set anew meanwhile is due only later.
  await clock.standStill(3_600_000);
  expect(then).not.toHaveBeenCalled();
  expect(clock.waits).toBe(1);
  await clock.pass(9_750);
  expect(then).toHaveBeenCalledTimes(1);
});

test("stopped, it does not call back", async () => {
  const clock = new MovedClock();
  const then = vi.fn<() => void>();
  const stop = afterRunning(clock, 1_000, then);
  await clock.pass(600);
  stop();
  expect(clock.waits).toBe(0);
  await clock.pass(1_000);
  expect(then).not.toHaveBeenCalled();
});
