import { expect, test } from "vitest";
import { Use } from "./use.ts";

test("a pause begins when nothing runs, and what comes meanwhile waits instead of failing", async () => {
  const use = new Use();
  const done: string[] = [];
  let finish = () => {};
  const first = use.during(async () => {
    await new Promise<void>((resolve) => (finish = resolve));
    done.push("first");
  });
  const paused = use.pause().then((goOn) => {
    done.push("pause");
    return goOn;
  });
  // Nobody waits for a pause that has to wait itself.
  await use.during(() => Promise.resolve(done.push("second")));
  finish();
  await first;
  const goOn = await paused;
  const third = use.during(() => Promise.resolve(done.push("third")));
  await Promise.resolve();
  expect(done).toEqual(["second", "first", "pause"]);
  goOn();
  await third;
  expect(done.at(-1)).toBe("third");
});

test("work that throws lets go", async () => {
  const use = new Use();
  await expect(use.during(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
  (await use.pause())();
});

test("who waits for an end of what runs is not kept by those who wait for the end of a pause", async () => {
  const use = new Use();
  const goOn = await use.pause();
  const waiting = use.during(() => Promise.resolve("done"));
  await use.idle();
  goOn();
  expect(await waiting).toBe("done");
  let finish = () => {};
  const running = use.during(() => new Promise<void>((resolve) => (finish = resolve)));
  let isIdle = false;
  const idle = use.idle().then(() => (isIdle = true));
  await Promise.resolve();
  expect(isIdle).toBe(false);
  finish();
  await Promise.all([running, idle]);
});
