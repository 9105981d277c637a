import { describe, expect, test } from "vitest";
import { pause } from "./clock.ts";
import { askedToWaitMs, HttpFailure, kindOfFailure } from "./failure.ts";
import { MovedClock } from "./movedClock.ts";
import { Backoff, Later, untilItWorks } from "./retry.ts";

/** As the crypto library throws them. */
function libraryError(name: string, rest: object): Error {
  return Object.assign(new Error("no"), { name }, rest);
}

describe("a failure that passes", () => {
  test.each<[string, unknown, string]>([
    ["no answer", new HttpFailure(0, "", ""), "passes"],
    ["a proxy's page", new HttpFailure(404, "", ""), "passes"],
    ["a proxy that says so", new HttpFailure(502, "ORG.HEARTH.UNREACHABLE", ""), "passes"],
    ["a server that fails", new HttpFailure(500, "M_UNKNOWN", ""), "passes"],
    ["a server that lacks it", new HttpFailure(501, "M_UNRECOGNIZED", ""), "refused"],
    ["too often", new HttpFailure(429, "M_LIMIT_EXCEEDED", "", 700), "passes"],
    ["a session to be unlocked", new HttpFailure(401, "M_UNKNOWN_TOKEN", ""), "passes"],
    ["a server that took too long", new HttpFailure(408, "M_UNKNOWN", ""), "passes"],
    ["not permitted", new HttpFailure(403, "M_FORBIDDEN", ""), "refused"],
    ["not there", new HttpFailure(404, "M_NOT_FOUND", ""), "refused"],
    ["too large", new HttpFailure(413, "M_TOO_LARGE", ""), "refused"],
    ["the library: no answer", libraryError("ConnectionError", {}), "passes"],
    [
      "the library: too often",
      libraryError("M_LIMIT_EXCEEDED", { httpStatus: 429, errcode: "M_LIMIT_EXCEEDED" }),
      "passes",
    ],
    ["the library: a proxy's page", libraryError("Error", { httpStatus: 404 }), "passes"],
    [
      "the library: not permitted",
      libraryError("M_FORBIDDEN", { httpStatus: 403, errcode: "M_FORBIDDEN" }),
      "refused",
    ],
    ["a full disk", libraryError("QuotaExceededError", {}), "other"],
    ["a mistake", new TypeError("x is not a function"), "other"],
    ["an end", new DOMException("stopped", "AbortError"), "other"],
    ["nothing", undefined, "other"],
  ])("%s", (_, error, kind) => {
    expect(kindOfFailure(error)).toBe(kind);
  });

  test("says how long the server asks to be left alone", () => {
    expect(askedToWaitMs(new HttpFailure(429, "M_LIMIT_EXCEEDED", "", 700))).toBe(700);
    expect(askedToWaitMs(libraryError("E", { httpStatus: 429, data: { retry_after_ms: 5 } }))).toBe(5);
    expect(askedToWaitMs(new HttpFailure(429, "M_LIMIT_EXCEEDED", ""))).toBeUndefined();
    expect(askedToWaitMs(new Error("no"))).toBeUndefined();
  });
});

describe("trying until it works", () => {
  test("waits between two tries, as long as the server asks", async () => {
    const clock = new MovedClock();
    const at: number[] = [];
    const { signal } = new AbortController();
    const worked = untilItWorks(
      () => {
        at.push(clock.monotonic());
        if (at.length === 1) return Promise.reject(new HttpFailure(0, "", ""));
        if (at.length === 2) return Promise.reject(new HttpFailure(429, "M_LIMIT_EXCEEDED", "", 5_000));
        return Promise.resolve("well");
      },
      (atLeast) => pause(clock, Math.max(1_000, atLeast ?? 0), signal),
      signal,
    );
    await clock.pass(6_000);
    expect(await worked).toBe("well");
    expect(at).toEqual([0, 1_000, 6_000]);
  });

  test("what will not pass is thrown at once", async () => {
    const never = () => Promise.reject(new Error("there was no reason to wait"));
    const refused = new HttpFailure(403, "M_FORBIDDEN", "no");
    const { signal } = new AbortController();
    await expect(untilItWorks(() => Promise.reject(refused), never, signal)).rejects.toBe(refused);
  });

  test("stopped, nothing is tried again", async () => {
    const stop = new AbortController();
    let tries = 0;
    const failing = () => {
      tries += 1;
      return Promise.reject(new HttpFailure(0, "", "no answer"));
    };
    const stopIt = () => Promise.resolve(stop.abort());
    await expect(untilItWorks(failing, stopIt, stop.signal)).rejects.toThrow("no answer");
    await expect(untilItWorks(failing, stopIt, stop.signal)).rejects.toThrow("no answer");
    expect(tries).toBe(2);
  });
});

test("waits grow up to the last, and begin again once it has worked", () => {
  const backoff = new Backoff([1, 2, 4]);
  expect([1, 2, 3, 4].map(() => backoff.failed())).toEqual([1, 2, 4, 4]);
  expect(backoff.failures).toBe(4);
  backoff.worked();
  expect([backoff.failures, backoff.waitMs, backoff.failed(), backoff.waitMs]).toEqual([0, undefined, 1, 1]);
});

test("what is to be done later takes the place of what waited, and can be called off", async () => {
  const clock = new MovedClock();
  const done: string[] = [];
  const later = new Later(clock);
  later.in(10, () => done.push("first"));
  later.in(20, () => done.push("second"));
  expect(later.isWaiting).toBe(true);
  await clock.pass(30);
  expect([done, later.isWaiting]).toEqual([["second"], false]);
  later.in(10, () => done.push("third"));
  later.stop();
  await clock.pass(30);
  expect([done, later.isWaiting, clock.waits]).toEqual([["second"], false, 0]);
});
