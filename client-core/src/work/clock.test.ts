import { describe, expect, test, vi } from "vitest";
import { pause, systemClock } from "./clock.ts";
import type { Clock } from "./clock.ts";
import { MovedClock } from "./movedClock.ts";

/** What every clock does; the real one is given its time, the moved one is moved. */
describe.each<[string, () => { clock: Clock; pass: (ms: number) => Promise<void> }]>([
  [
    "the device's",
    () => ({ clock: systemClock, pass: (ms) => new Promise((resolve) => setTimeout(resolve, ms + 40)) }),
  ],
  [
    "the moved",
    () => {
      const clock = new MovedClock();
      return { clock, pass: (ms) => clock.pass(ms) };
    },
  ],
])("%s clock", (_, make) => {
  test("calls back once, and not what was stopped", async () => {
    const { clock, pass } = make();
    const [then, never] = [vi.fn<() => void>(), vi.fn<() => void>()];
    clock.after(10, then);
    const stop = clock.after(10, never);
    stop();
    stop();
    await pass(30);
    expect(then).toHaveBeenCalledTimes(1);
    expect(never).not.toHaveBeenCalled();
  });

  test("beats until it is stopped", async () => {
    const { clock, pass } = make();
    let beats = 0;
    const twice = Promise.withResolvers<void>();
    const stop = clock.every(5, () => {
      beats += 1;
      if (beats === 2) twice.resolve();
    });
    await pass(10);
    await twice.promise;
    stop();
    const before = beats;
    await pass(20);
    expect(beats).toBe(before);
  });

  test("both its times go on", async () => {
    const { clock, pass } = make();
    const [now, ran] = [clock.now(), clock.monotonic()];
    await pass(20);
    expect(clock.now() - now).toBeGreaterThanOrEqual(15);
    expect(clock.monotonic() - ran).toBeGreaterThanOrEqual(15);
  });

  test("aborts what took too long", async () => {
    const { clock, pass } = make();
    const signal = clock.timeout(10);
    expect(signal.aborted).toBe(false);
    await pass(30);
    expect(signal.reason).toMatchObject({ name: "TimeoutError" });
  });

  test("a pause ends after its time, or with the signal, without complaint and with nothing left behind", async () => {
    const { clock, pass } = make();
    const waited = pause(clock, 10);
    await pass(20);
    await waited;
    const stop = new AbortController();
    const ended = pause(clock, 3_600_000, stop.signal);
    stop.abort();
    await ended;
    await pause(clock, 3_600_000, stop.signal);
    if (clock instanceof MovedClock) expect(clock.waits).toBe(0);
  });
});

describe("a clock that a test moves", () => {
  test("calls whoever waits in the order of their times, also what is set meanwhile", async () => {
    const clock = new MovedClock();
    const said: string[] = [];
    clock.after(300, () => said.push("third"));
    clock.after(100, () => {
      said.push(`first at ${clock.monotonic()}`);
      clock.after(100, () => said.push(`second at ${clock.monotonic()}`));
    });
    clock.after(301, () => said.push("never"));
    await clock.pass(300);
    expect(said).toEqual(["first at 100", "second at 200", "third"]);
  });

  test("gives what was woken its turn before it goes on", async () => {
    const clock = new MovedClock();
    const said: number[] = [];
    const work = async () => {
      for (;;) {
        await pause(clock, 10);
        await Promise.resolve();
        said.push(clock.monotonic());
      }
    };
    void work();
    await clock.pass(35);
    expect(said).toEqual([10, 20, 30]);
  });

  test("a standstill calls what is due once, and counts for both times", async () => {
    const clock = new MovedClock(1_000);
    const beat = vi.fn<() => void>();
    clock.every(10, beat);
    await clock.standStill(1_000);
    expect([beat.mock.calls.length, clock.now(), clock.monotonic()]).toEqual([1, 2_000, 1_000]);
  });

  test("set, it says another date, and no wait comes nearer", async () => {
    const clock = new MovedClock(1_000);
    const then = vi.fn<() => void>();
    clock.after(10, then);
    clock.set(1_000_000);
    await clock.pass(9);
    expect([then.mock.calls.length, clock.now(), clock.monotonic()]).toEqual([0, 1_000_009, 9]);
  });
});
