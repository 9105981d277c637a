import { afterEach, beforeEach, expect, test } from "vitest";
import { MovedClock } from "../work/movedClock.ts";
import { browserTabLock, type TabLock } from "./tabLock.ts";

const open: TabLock[] = [];

let clock: MovedClock;

beforeEach(() => {
  clock = new MovedClock();
});
afterEach(() => {
  for (const lock of open.splice(0)) lock.release();
});

/** A page of the same browser. */
function page(): TabLock {
  const lock = browserTabLock(() => Promise.resolve(), clock);
  open.push(lock);
  return lock;
}

/** A page that is on its way out: it holds the lock, and is too busy to say so. @returns lets it go */
async function goingAway(): Promise<() => void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  await new Promise<void>((taken) => {
    void navigator.locks.request("hearth-client", () => {
      taken();
      return promise;
    });
  });
  return resolve;
}

test("a page that lives and holds the lock says so to the one that waits", async () => {
  const first = page();
  expect(await first.acquire()).toBe(true);
  const second = page().acquire();
  await clock.pass(2_000);
  expect(await second).toBe(false);
});

test("one that is just going away is waited for, as long as nobody says that they are there", async () => {
  const letGo = await goingAway();
  const next = page().acquire();
  await clock.pass(9_000);
  letGo();
  expect(await next).toBe(true);
});

test("and not for ever", async () => {
  const letGo = await goingAway();
  const next = page().acquire();
  await clock.pass(10_000);
  expect(await next).toBe(false);
  letGo();
});

test("given up while it waits, it asks nobody any more", async () => {
  const letGo = await goingAway();
  const lock = page();
  const next = lock.acquire();
  lock.release();
  expect(await next).toBe(false);
  expect(clock.waits).toBe(0);
  letGo();
});
