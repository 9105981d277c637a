import { describe, expect, it, onTestFinished, vi } from "vitest";
import { silentLog } from "./log.ts";
import { pauseAfter, persist, startPump } from "./pump.ts";

describe("the pump", () => {
  it("takes a step at the start and one more for any number of wake-ups during a step, never two at once", async () => {
    let running = 0;
    let steps = 0;
    const gates: (() => void)[] = [];
    const arrived: (() => void)[] = [];
    const begun = () =>
      new Promise<void>((resolve) => {
        arrived.push(resolve);
      });
    const first = begun();
    const second = begun();
    const pump = startPump(async () => {
      expect((running += 1)).toBe(1);
      steps += 1;
      arrived.shift()?.();
      await new Promise<void>((resolve) => {
        gates.push(resolve);
      });
      running -= 1;
    }, silentLog);
    await first;
    pump.wake();
    pump.wake();
    gates.shift()?.();
    await second;
    gates.shift()?.();
    await pump.stop();
    expect(steps).toBe(2);
  });

  it("waits longer after each failure, up to half a minute", () => {
    const pauses = [1, 2, 3, 20].map(pauseAfter);
    expect(pauses).toEqual([500, 1000, 2000, 30_000]);
  });

  it("tries again soon after a wake-up, however often it has failed", async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    let steps = 0;
    let isBack = false;
    const pump = startPump(() => {
      steps += 1;
      return isBack ? Promise.resolve() : Promise.reject(new Error("the homeserver is away"));
    }, silentLog);
    await vi.advanceTimersByTimeAsync(70_000);
    const failed = steps;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(steps, "steps in a long pause").toBe(failed);
    isBack = true;
    pump.wake();
    await vi.advanceTimersByTimeAsync(500);
    expect(steps).toBe(failed + 1);
    await pump.stop();
  });

  it("gives up at once on what waiting can't heal, and when it is stopped", async () => {
    const { signal } = new AbortController();
    const options = { log: silentLog, what: "test", signal, worthwhile: () => false };
    await expect(persist(() => Promise.reject(new Error("no")), options)).rejects.toThrow("no");
    const stopping = new AbortController();
    const stopped = persist(
      () => {
        stopping.abort();
        return Promise.reject(new Error("passing"));
      },
      { ...options, signal: stopping.signal, worthwhile: () => true },
    );
    expect(await stopped).toBeUndefined();
  });
});
