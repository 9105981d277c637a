import { KeyAsk, Policy, UserId } from "@hearth/protocol";
import { expect, test } from "vitest";
import type { SignedInSession } from "../../session/api.ts";
import type { BotCommands } from "../../org/botCommands.ts";
import type { Org } from "../../org/org.ts";
import type { RosterAuthority } from "../roster/authority.ts";
import { FakeRecords } from "./fakeDevice.ts";
import { Giving } from "./giving.ts";
import type { OlmPost } from "./post.ts";
import { AccessStore } from "./store.ts";

const me = UserId.parse("@admin:example.test");
const from = UserId.parse("@responder:example.test");
const ask = KeyAsk.schema.parse(KeyAsk.example);
const MINUTE = 60_000;

/** An admin's device that answers by itself, and can't: the others don't know its person as an admin. */
async function device() {
  let now: number = ask.at;
  let tries = 0;
  const store = new AccessStore(new FakeRecords(), () => {});
  const policy = Policy.schema.parse({ ...Policy.example, automatic_access: true });
  const roleOf = (userId: UserId) => {
    if (userId === me) tries += 1;
    return Promise.resolve(userId === me ? undefined : ("member" as const));
  };
  const giving = new Giving({
    session: {
      userId: me,
      stopped: new AbortController().signal,
      log: () => {},
    } as unknown as SignedInSession,
    store,
    post: {} as OlmPost,
    bot: {} as BotCommands,
    authority: { doubtDevice: () => Promise.resolve(undefined), roleOf } as unknown as RosterAuthority,
    org: () => ({ accessLog: new Map() }) as unknown as Org,
    policy: () => policy,
    now: () => now,
    alone: { window: MINUTE, narrow: (times) => times },
    sharedRooms: () => [],
    note: () => 0,
    pause: () => Promise.resolve(),
    onGiven: () => {},
  });
  await store.addTheir({ v: 1, from, ask, receivedAt: now, state: "waiting", parts: [], devices: {} });
  const failures = () => store.their.get(ask.request)?.failed?.times ?? 0;
  return {
    tries: () => tries,
    failures,
    store,
    looksAgain: async (after: number) => {
      now += after;
      for (let i = 0; i < 5; i += 1) giving.resume();
      await new Promise((resolve) => setTimeout(resolve, 20));
    },
  };
}

test("[Q8] what broke off is not tried again at every change of the organisation, but after longer and longer waits", async () => {
  const { looksAgain, tries, failures, store } = await device();
  await looksAgain(0);
  await expect.poll(failures).toBe(1);
  const first = tries();
  await looksAgain(MINUTE / 2);
  expect(tries()).toBe(first);
  await looksAgain(MINUTE / 2);
  await expect.poll(failures).toBe(2);
  await looksAgain(MINUTE);
  expect(failures()).toBe(2);
  await looksAgain(MINUTE);
  await expect.poll(failures).toBe(3);
  expect(store.their.get(ask.request)).toMatchObject({
    state: "waiting",
    problem: expect.stringContaining("admin"),
  });
});
