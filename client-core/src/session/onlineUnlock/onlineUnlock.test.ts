import { defaultPolicy } from "@hearth/protocol";
import { beforeEach, expect, test } from "vitest";
import { MovedClock } from "../../work/movedClock.ts";
import { FromWorkspace } from "../fromWorkspace.ts";
import { OnlineUnlock } from "./onlineUnlock.ts";

const MINUTE = 60_000;

let clock: MovedClock;

beforeEach(() => {
  clock = new MovedClock();
});

/** A device on which converting and tidying work when it is said that they do. */
function device(wanted: "on" | "off") {
  const works = { convert: true, tidy: true };
  const done = { converted: 0, tidied: 0 };
  let divided = false;
  const told = new FromWorkspace();
  const unlock = new OnlineUnlock({
    told,
    clock,
    log: () => {},
    isDivided: () => divided,
    convert: (divide) => {
      done.converted += 1;
      if (works.convert) divided = divide;
      return Promise.resolve();
    },
    tidy: () => {
      done.tidied += 1;
      return works.tidy ? Promise.resolve() : Promise.reject(new TypeError("no network"));
    },
  });
  const say = (online_unlock: "on" | "off") => {
    told.setPolicy({ ...defaultPolicy("Test"), online_unlock });
  };
  say(wanted);
  unlock.start();
  return { unlock, works, done, say };
}

const pass = (ms: number) => clock.pass(ms);

test("a session that did not move is left alone for a while, and tried again", async () => {
  const { unlock, works, done, say } = device("off");
  await pass(MINUTE);
  works.convert = false;
  say("on");
  await pass(10_000);
  expect(done.converted).toBe(1);
  works.convert = true;
  await pass(MINUTE);
  expect(done.converted).toBe(2);
  unlock.stop();
});

test("the server's half is emptied again and again until it worked, and then no more", async () => {
  const { unlock, works, done, say } = device("on");
  await pass(MINUTE);
  expect(done).toEqual({ converted: 1, tidied: 0 });
  works.tidy = false;
  say("off");
  await pass(10_000);
  expect(done).toEqual({ converted: 2, tidied: 1 });
  await pass(MINUTE);
  expect(done.tidied).toBeGreaterThan(1);
  works.tidy = true;
  await pass(MINUTE);
  const { tidied } = done;
  say("off");
  await pass(10 * MINUTE);
  expect(done.tidied).toBe(tidied);
  unlock.stop();
});
