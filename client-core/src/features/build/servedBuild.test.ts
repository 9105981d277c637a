import { VERSION } from "@hearth/protocol";
import { expect, test } from "vitest";
import { HttpFailure } from "../../work/failure.ts";
import { MovedClock } from "../../work/movedClock.ts";
import { pause } from "../../work/clock.ts";
import { ServedBuild } from "./servedBuild.ts";

/** An origin that gives these answers, one after the other, and the last one again. */
function origin(...answers: (string | undefined | Error)[]) {
  const clock = new MovedClock();
  const stop = new AbortController();
  const said = { asked: 0, newer: 0 };
  const build = new ServedBuild({
    ask: () => {
      const answer = answers[Math.min(said.asked, answers.length - 1)];
      said.asked += 1;
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    pause: (ms = 0) => pause(clock, Math.max(100, ms), stop.signal),
    stopped: stop.signal,
    onNewer: () => (said.newer += 1),
  });
  return { build, said, clock, stop };
}

const busy = new HttpFailure(503, "", "The server is starting.");

test("[L15] our origin is asked once for each newer thing, and not before one was met", async () => {
  const { build, said } = origin(VERSION);
  await build.met([]);
  expect(said.asked).toBe(0);
  await build.met(["$a"]);
  await build.met(["$a"]);
  expect(said.asked).toBe(1);
  await build.met(["$a", "$b"]);
  expect([said.asked, build.isNewer, said.newer]).toEqual([2, false, 0]);
});

test("[L15] a newer build is told of once, and nothing is asked after it", async () => {
  const { build, said } = origin(VERSION, "999.0.0");
  await build.met(["$a"]);
  expect(build.isNewer).toBe(false);
  await build.met(["$b"]);
  await build.met(["$c"]);
  expect([said.asked, build.isNewer, said.newer]).toEqual([2, true, 1]);
});

test("[L15] an older build, or an origin that does not say, is no reason to reload", async () => {
  for (const answer of ["0.0.1", undefined, "not a version"]) {
    const { build, said } = origin(answer);
    await build.met(["$a"]);
    expect([build.isNewer, said.newer]).toEqual([false, 0]);
  }
});

test("an origin that does not answer is asked again until it does", async () => {
  const { build, said, clock } = origin(busy, busy, "999.0.0");
  const met = build.met(["$a"]);
  await clock.pass(20_000);
  await met;
  expect([said.asked, build.isNewer]).toEqual([3, true]);
});

test("things that are met while it is asked cost one more question together", async () => {
  const { build, said, clock } = origin(busy, VERSION);
  const met = build.met(["$a"]);
  await Promise.all([build.met(["$b"]), build.met(["$c"])]);
  await clock.pass(20_000);
  await met;
  expect(said.asked).toBe(3);
});

test("a session that stops asks no more", async () => {
  const { build, said, clock, stop } = origin(busy);
  const met = build.met(["$a"]);
  stop.abort();
  await expect(met).rejects.toBe(busy);
  await clock.pass(60_000);
  expect(said.asked).toBe(1);
});
