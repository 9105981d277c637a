import { expect, test } from "vitest";
import { pause } from "./clock.ts";
import { Jobs } from "./jobs.ts";
import type { StepEnd } from "./jobs.ts";
import { MovedClock } from "./movedClock.ts";

type Job = { readonly lane: string; readonly name: string; readonly left: number };

/** Jobs of so many steps each, in records that outlive the program; `end` may say otherwise of a step. */
function program(records: Job[], end: (job: Job) => StepEnd | "works" | Error = () => "works") {
  const clock = new MovedClock();
  const stop = new AbortController();
  const done: string[] = [];
  const failed: unknown[] = [];
  const jobs = new Jobs<Job>({
    nextOf: (lane) => records.find((job) => job.lane === lane),
    step: async (job) => {
      await pause(clock, 10);
      const said = end(job);
      if (said instanceof Error) throw said;
      if (said !== "works") return said;
      const at = records.indexOf(job);
      records.splice(at, 1, ...(job.left > 1 ? [{ ...job, left: job.left - 1 }] : []));
      done.push(`${job.name}${job.left}`);
      return { kind: "on" };
    },
    pause: (atLeastMs = 0) => pause(clock, Math.max(100, atLeastMs), stop.signal),
    stopped: stop.signal,
    background: (run) => void run.catch((error: unknown) => failed.push(error)),
  });
  return { clock, stop, jobs, done, failed };
}

const job = (lane: string, name: string, left: number): Job => ({ lane, name, left });

test("one after the other in a lane, the lanes side by side, and a second poke begins nothing twice", async () => {
  const { clock, jobs, done } = program([job("x", "a", 2), job("x", "b", 1), job("y", "c", 2)]);
  for (const lane of ["x", "x", "y", "none"]) jobs.poke(lane);
  await clock.pass(100);
  expect(done).toEqual(["a2", "c2", "a1", "c1", "b1"]);
});

test("what can be done later is tried again after a pause; what waits, when it is poked", async () => {
  const records = [job("x", "a", 1)];
  let says: StepEnd | "works" = { kind: "later", atLeastMs: 1_000 };
  let tries = 0;
  const { clock, jobs, done } = program(records, () => {
    tries += 1;
    return says;
  });
  jobs.poke("x");
  await clock.pass(1_000);
  expect(tries).toBe(1);
  says = { kind: "waits" };
  await clock.pass(60_000);
  expect(tries).toBe(2);
  says = "works";
  jobs.poke("x");
  await clock.pass(100);
  expect([tries, done]).toEqual([3, ["a1"]]);
});

test("stopped, no step begins, and another run of the program goes on from the records", async () => {
  const records = [job("x", "a", 3)];
  const first = program(records);
  first.jobs.poke("x");
  await first.clock.pass(15);
  first.stop.abort();
  await first.clock.pass(1_000);
  first.jobs.poke("x");
  await first.clock.pass(1_000);
  // The step that was under way came to its end.
  expect(first.done).toEqual(["a3", "a2"]);
  const second = program(records);
  second.jobs.poke("x");
  await second.clock.pass(100);
  expect(second.done).toEqual(["a1"]);
});

test("a step that throws is heard of, and its lane goes on when it is poked", async () => {
  let isBroken = true;
  const { clock, jobs, done, failed } = program([job("x", "a", 1)], () =>
    isBroken ? new Error("broken") : "works",
  );
  jobs.poke("x");
  await clock.pass(100);
  expect(failed).toMatchObject([{ message: "broken" }]);
  isBroken = false;
  jobs.poke("x");
  await clock.pass(100);
  expect(done).toEqual(["a1"]);
});
