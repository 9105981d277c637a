import { expect, test } from "vitest";
import { MovedClock } from "../../work/movedClock.ts";
import { Idle } from "./idle.ts";

const MINUTE = 60_000;

function watched() {
  const clock = new MovedClock();
  let times = 0;
  const idle = new Idle(clock, () => (times += 1));
  return { clock, idle, times: () => times };
}

test("says once that nobody has touched anything for so long, and not while somebody does", async () => {
  const { clock, idle, times } = watched();
  idle.set(5 * MINUTE);
  for (let i = 0; i < 3; i++) {
    await clock.pass(4 * MINUTE);
    idle.touch();
  }
  expect(times()).toBe(0);
  await clock.pass(5 * MINUTE);
  expect(times()).toBe(1);
  await clock.pass(60 * MINUTE);
  expect([times(), clock.waits]).toEqual([1, 0]);
});

test("a device that slept has not been touched meanwhile, and setting its clock back helps nobody", async () => {
  const slept = watched();
  slept.idle.set(5 * MINUTE);
  await slept.clock.standStill(60 * MINUTE);
  expect(slept.times()).toBe(1);
  const setBack = watched();
  setBack.idle.set(5 * MINUTE);
  await setBack.clock.pass(4 * MINUTE);
  setBack.clock.set(0);
  await setBack.clock.pass(MINUTE);
  expect(setBack.times()).toBe(1);
});

test("turned off, it says nothing", async () => {
  const { clock, idle, times } = watched();
  idle.set(MINUTE);
  idle.set(undefined);
  await clock.pass(60 * MINUTE);
  expect([times(), clock.waits]).toEqual([0, 0]);
});
