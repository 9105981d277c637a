import { expect, test } from "vitest";
import { MovedClock } from "./movedClock.ts";
import { Spacing } from "./spacing.ts";

const never = new AbortController().signal;

test("goes on at once the first time and after a long while, and otherwise when the space has passed", async () => {
  const clock = new MovedClock();
  const spacing = new Spacing(clock, 150);
  await spacing.next(never);
  let went = 0;
  const second = spacing.next(never).then(() => (went += 1));
  await clock.pass(149);
  expect(went).toBe(0);
  await clock.pass(1);
  await second;
  expect(went).toBe(1);
  await clock.pass(150);
  await spacing.next(never);
  expect(clock.waits).toBe(0);
});

test("ends a wait when it is stopped, and leaves no timer", async () => {
  const clock = new MovedClock();
  const spacing = new Spacing(clock, 150);
  await spacing.next(never);
  const stop = new AbortController();
  const waiting = spacing.next(stop.signal);
  stop.abort();
  await waiting;
  expect(clock.waits).toBe(0);
});
