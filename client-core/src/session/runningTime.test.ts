import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { afterRunning } from "./runningTime.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

test("calls back after the whole time, once", async () => {
  const then = vi.fn<() => void>();
  afterRunning(1_100, then);
  await vi.advanceTimersByTimeAsync(1_099);
  expect(then).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(then).toHaveBeenCalledTimes(1);
});

test("a standstill, after which what is due fires once and at once, is not counted", () => {
  const then = vi.fn<() => void>();
  afterRunning(10_000, then);
  // However late it comes: what is set anew meanwhile is due only later.
  vi.runOnlyPendingTimers();
  expect(then).not.toHaveBeenCalled();
  expect(vi.getTimerCount()).toBe(1);
});

test("stopped, it does not call back", async () => {
  const then = vi.fn<() => void>();
  const stop = afterRunning(1_000, then);
  await vi.advanceTimersByTimeAsync(600);
  stop();
  expect(vi.getTimerCount()).toBe(0);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(then).not.toHaveBeenCalled();
});
