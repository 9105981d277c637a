import { expect, test } from "vitest";
import { Turns } from "./turns.ts";

test("one piece after the other, in the order in which they were asked for", async () => {
  const turns = new Turns();
  const said: string[] = [];
  const first = Promise.withResolvers<void>();
  const a = turns.take(async () => {
    said.push("a begins");
    await first.promise;
    said.push("a ends");
    return 1;
  });
  const b = turns.take(() => Promise.resolve(said.push("b")));
  await Promise.resolve();
  expect(said).toEqual(["a begins"]);
  first.resolve();
  expect([await a, await b]).toEqual([1, 3]);
  expect(said).toEqual(["a begins", "a ends", "b"]);
});

test("what one piece throws, at once or later, is heard by whose it was; the next has its turn", async () => {
  const turns = new Turns();
  const later = turns.take(() => Promise.reject(new Error("later")));
  const atOnce = turns.take(() => {
    throw new Error("at once");
  });
  const next = turns.take(() => Promise.resolve("well"));
  await expect(later).rejects.toThrow("later");
  await expect(atOnce).rejects.toThrow("at once");
  expect(await next).toBe("well");
});

test("cut short, what runs ends at once and what waits goes on with a signal of its own", async () => {
  const turns = new Turns();
  const stuck = turns.take(
    (signal) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("seen")))),
  );
  const next = turns.take((signal) => Promise.resolve(signal.aborted));
  await Promise.resolve();
  const { signal } = turns;
  turns.cutShort();
  expect(signal.aborted).toBe(true);
  await expect(stuck).rejects.toMatchObject({ name: "AbortError" });
  expect(await next).toBe(false);
});

test("who waits for the end of all waits for what failed as well, and for nothing that is taken afterwards", async () => {
  const turns = new Turns();
  await turns.ended();
  const gate = Promise.withResolvers<void>();
  turns.take(() => gate.promise.then(() => Promise.reject(new Error("no")))).catch(() => {});
  let isEnded = false;
  const ended = turns.ended().then(() => (isEnded = true));
  void turns.take(() => new Promise(() => {}));
  await Promise.resolve();
  expect(isEnded).toBe(false);
  gate.resolve();
  await ended;
});
