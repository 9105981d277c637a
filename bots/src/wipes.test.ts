import { Wipe } from "@hearth/protocol";
import type { DeviceId, Instant, WipeContent } from "@hearth/protocol";
import { expect, test } from "vitest";
import { HomeserverError } from "./homeserver.ts";
import { createLog } from "./log.ts";
import { readOrgState } from "./org/state.ts";
import { BOT, event, NOW, responder } from "./testing/org.ts";
import { founded } from "./testing/signers.ts";
import { wipeOf } from "./testing/wipes.ts";
import { createWipes } from "./wipes.ts";

const DAY = 86_400_000;
const locked = new HomeserverError(401, "M_USER_LOCKED", "This account has been locked");
const phone = wipeOf("PHONE");
const laptop = wipeOf("LAPTOP");

/** Looks after these wipes, over a homeserver that notes what it is told and refuses what it is told to refuse. */
async function world(wipes: Record<string, WipeContent>) {
  const { events } = await founded();
  const kept = new Map(Object.entries(wipes));
  const clock = { now: NOW };
  const refused = new Map<string, Error>();
  const did: string[] = [];
  const wakes: number[] = [];
  const lines: string[] = [];
  const read = { times: 0 };
  const note = async (what: string, id: DeviceId) => {
    did.push(`${what} ${id}`);
    const error = refused.get(`${what} ${id}`);
    if (error) throw error;
  };
  const looker = createWipes({
    homeserver: {
      emptyServerHalf: (_user, id) => note("empty", id),
      deleteDevice: (_user, id) => note("end", id),
      sendState: async (_room, type, key, content) => {
        expect(type).toBe(Wipe.type);
        const parsed = Wipe.schema.parse(content);
        await note("note", parsed.device);
        kept.set(key, parsed);
      },
    },
    orgRoomId: () => "!org" as never,
    readOrg: () => {
      read.times += 1;
      const state = [...kept].map(([key, content]) => event(BOT, Wipe.type, content, { key }));
      return Promise.resolve(readOrgState([...events, ...state], BOT));
    },
    now: () => clock.now,
    wakeIn: (ms) => void wakes.push(ms),
    log: createLog(
      (line) => void lines.push(line),
      () => clock.now,
    ),
  });
  /** One step, so many milliseconds later. */
  const step = async (later = 0) => {
    clock.now += later;
    await looker.step();
    return did.splice(0);
  };
  const stands = (target: string) => {
    const { state, ended } = kept.get(target) ?? {};
    return { state, ended };
  };
  const order = (target: string, wipe: WipeContent) => {
    kept.set(target, wipe);
    looker.mayHaveChanged();
  };
  return { looker, order, clock, refused, wakes, lines, read, step, stands };
}

test("[P7] a device that does not answer is ended when its time is over, and not before", async () => {
  const { step, wakes, stands } = await world({ [phone.target]: await phone.kept() });
  expect(await step()).toEqual([]);
  expect(wakes).toEqual([10_000]);
  expect(await step(9_999)).toEqual([]);
  expect(await step(1)).toEqual(["empty PHONE", "end PHONE", "note PHONE"]);
  expect(stands(phone.target)).toEqual({ state: "unanswered", ended: "all" });
  expect(await step(DAY)).toEqual([]);
});

test("[P7] one that has answered is ended at once, after a restart of the bot too", async () => {
  const answered = await phone.kept({ state: "acknowledged" });
  const { step, stands } = await world({ [phone.target]: answered });
  expect(await step()).toEqual(["empty PHONE", "end PHONE", "note PHONE"]);
  expect(stands(phone.target)).toEqual({ state: "acknowledged", ended: "all" });
});

test("[P7] a locked account's device is ended although its half can't be emptied; that is tried until it can", async () => {
  const { step, refused, stands, lines, looker } = await world({
    [phone.target]: await phone.kept(),
    [laptop.target]: await laptop.kept(),
  });
  refused.set("empty PHONE", locked);
  expect(await step(10_000)).toEqual([
    "empty PHONE",
    "end PHONE",
    "note PHONE",
    "empty LAPTOP",
    "end LAPTOP",
    "note LAPTOP",
  ]);
  expect(stands(phone.target)).toEqual({ state: "unanswered", ended: "device" });
  expect(stands(laptop.target)).toEqual({ state: "unanswered", ended: "all" });
  expect(lines.join("")).toContain(`device PHONE of ${responder}: the server's half of its key could not`);
  // However often somebody gives commands meanwhile.
  looker.mayHaveChanged();
  expect(await step(4_999)).toEqual([]);
  // The device is not ended once more: what has its id by then is another one.
  expect(await step(1)).toEqual(["empty PHONE"]);
  expect(await step(9_999)).toEqual([]);
  refused.clear();
  expect(await step(1)).toEqual(["empty PHONE", "note PHONE"]);
  expect(stands(phone.target)).toEqual({ state: "unanswered", ended: "all" });
});

test.each([
  ["can't be ended", "end PHONE"],
  ["can't be noted", "note PHONE"],
])("[P7] one that %s keeps no other waiting, and is tried again", async (_what, fails) => {
  for (const error of [locked, new HomeserverError(502, "M_UNKNOWN", "Bad gateway"), new Error("a bug")]) {
    const { step, refused, stands, wakes, lines } = await world({
      [phone.target]: await phone.kept(),
      [laptop.target]: await laptop.kept(),
    });
    refused.set(fails, error);
    expect(await step(10_000)).toContain("end LAPTOP");
    expect(stands(laptop.target).ended).toBe("all");
    expect(stands(phone.target).ended).toBe(fails === "end PHONE" ? "none" : undefined);
    expect(lines.join("")).toContain("PHONE");
    expect(wakes).toEqual([5_000]);
    refused.clear();
    expect(await step(5_000)).toContain("end PHONE");
    expect(stands(phone.target)).toEqual({ state: "unanswered", ended: "all" });
  }
});

test("[P7] ordered once more after it could not be ended, a device has its time to answer again", async () => {
  const kept = { [phone.target]: await phone.kept() };
  const { step, refused, order } = await world(kept);
  refused.set("empty PHONE", locked);
  await step(10_000);
  order(phone.target, await phone.kept({ at: (NOW + 10_000) as Instant }));
  expect(await step(9_999)).toEqual([]);
  expect(await step(1)).toContain("end PHONE");
});

test("many that can't be ended are tried again some at a time, and less and less often", async () => {
  const all = Array.from({ length: 25 }, (_, i) => wipeOf(`DEVICE${i}`));
  const kept = await Promise.all(all.map(async ({ target, kept: of }) => [target, await of()] as const));
  const { step, refused } = await world(Object.fromEntries(kept));
  for (const { device } of all) refused.set(`empty ${device}`, locked);
  expect((await step(10_000)).filter((line) => line.startsWith("end"))).toHaveLength(25);
  expect(await step(5_000)).toHaveLength(10);
  expect(await step(1)).toHaveLength(10);
  expect(await step(1)).toHaveLength(5);
  let tries = 0;
  for (let minute = 0; minute < 24 * 60; minute++)
    tries += (await step(60_000)).filter((line) => line === "empty DEVICE0").length;
  expect(tries).toBeGreaterThan(24 * 5);
  expect(tries).toBeLessThan(24 * 6 + 10);
});

test("[P7] a record is handed out with the roster, without a name in it, to who knows its target", async () => {
  const { looker, step, read } = await world({ [phone.target]: await phone.kept() });
  expect(looker.answer(`/wipes/${phone.target}`)).toEqual({ status: 503, body: "{}" });
  await step();
  const found = looker.answer(`/wipes/${phone.target}`);
  expect(found?.status).toBe(200);
  const record = await phone.record();
  expect(JSON.parse(found?.body ?? "")).toMatchObject({ v: 1, record, roster: { 0: { purpose: "roster" } } });
  expect(found?.body).not.toContain(`"${responder}"`);
  for (const other of ["A".repeat(43), "", `${phone.target}/`])
    expect(looker.answer(`/wipes/${other}`)?.status).toBe(404);
  expect(looker.answer("/_matrix/app/v1/ping")).toBeUndefined();
  expect(read.times).toBe(1);
});

test("[P7] [W4] without an answer it is handed out for ever; answered, until copies of the device have destroyed themselves", async () => {
  const { looker, step, clock } = await world({
    [phone.target]: await phone.kept({ state: "unanswered", ended: "all" }),
    [laptop.target]: await laptop.kept({ state: "acknowledged", ended: "all" }),
  });
  await step();
  const status = ({ target }: typeof phone) => looker.answer(`/wipes/${target}`)?.status;
  // The policy that an org starts with: a lease of three days, a retention of ninety.
  clock.now = NOW + 90 * DAY - 1;
  expect([status(phone), status(laptop)]).toEqual([200, 200]);
  clock.now += 1;
  expect([status(phone), status(laptop)]).toEqual([200, 404]);
  clock.now = NOW + 3_650 * DAY;
  expect(status(phone)).toBe(200);
});
