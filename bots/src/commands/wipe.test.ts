import { generateKeyPairSync, sign } from "node:crypto";
import {
  DeviceId,
  DeviceKey,
  MasterKey,
  memberStateKey,
  nextRoster,
  EMPTY_ROSTER,
  rosterHead,
  RosterEvent,
  signStatement,
  SigningKey,
  Wipe,
  wipeTarget,
  WipeWish,
  type CommandName,
  type Instant,
  type RosterStatement,
  type UserId,
  type WipeRecord,
} from "@hearth/protocol";
import { expect, test } from "vitest";
import type { RawEvent } from "../homeserver.ts";
import { createLog } from "../log.ts";
import { readOrgState } from "../org/state.ts";
import { admin, BOT, dispatcher, event, NOW, ORG, orgEvents, responder, situation } from "../testing/org.ts";
import { createWipes } from "../wipes.ts";
import { decide } from "./decide.ts";

const newKey = () => {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  return { publicKey: SigningKey.parse(publicKey.export({ format: "jwk" }).x), privateKey };
};
const adminKey = newKey();
const otherKey = newKey();
const device = DeviceId.parse("PHONE");
const device_key = DeviceKey.parse("D".repeat(43));
const target = wipeTarget({ org: ORG, user: responder, device, key: device_key });
const signWith =
  ({ privateKey }: typeof adminKey) =>
  (bytes: Uint8Array) =>
    Promise.resolve(new Uint8Array(sign(null, bytes, privateKey)));

async function withRoster(): Promise<RawEvent[]> {
  const founding = await signStatement<RosterStatement>(
    {
      v: 1,
      purpose: "roster",
      org: ORG,
      key: adminKey.publicKey,
      at: NOW as Instant,
      body: {
        kind: "found",
        index: 0,
        prev: rosterHead(EMPTY_ROSTER),
        user: admin,
        master_key: MasterKey.parse("A".repeat(43)),
      },
    },
    signWith(adminKey),
  );
  expect(typeof nextRoster(EMPTY_ROSTER, founding)).toBe("object");
  return [...orgEvents(), event(BOT, RosterEvent.type, founding, { key: "0" })];
}

function record(more: { key?: typeof adminKey; at?: number; org?: string } = {}): Promise<WipeRecord> {
  const key = more.key ?? adminKey;
  return signStatement<WipeRecord>(
    {
      v: 1,
      purpose: "wipe",
      org: (more.org ?? ORG) as typeof ORG,
      key: key.publicKey,
      at: (more.at ?? NOW) as Instant,
      body: { target, mode: "keys" },
    },
    signWith(key),
  );
}

function ask(name: CommandName, args: unknown, actor: UserId, events: RawEvent[], roomType = "admin") {
  const outcome = decide(
    { name, args, roomType: `org.hearth.${roomType}` as "org.hearth.admin", begun: false },
    situation(actor, events),
  );
  return outcome.ok ? outcome.plan.effects : outcome.code;
}

const published = (signed: WipeRecord, state = "waiting") => ({
  do: "org state",
  type: Wipe.type,
  key: target,
  content: { v: 1, record: signed, user: responder, device, device_key, by: admin, at: NOW, state },
});

test("[P7] [P9] the bot publishes what an admin of the roster signed, and nothing that no device would heed", async () => {
  const events = await withRoster();
  const signed = await record();
  const args = { user: responder, device, device_key, record: signed };
  expect(ask("wipe sign", args, admin, events)).toEqual([published(signed)]);
  expect(ask("wipe sign", args, dispatcher, events)).toBe("not_permitted");
  expect(ask("wipe sign", { ...args, record: await record({ key: otherKey }) }, admin, events)).toBe(
    "not_permitted",
  );
  const refused: object[] = [
    { device: "LAPTOP" },
    { user: dispatcher },
    { device_key: "E".repeat(43) },
    { record: await record({ org: "other" }) },
    { record: await record({ at: NOW - 3_600_000 }) },
    { record: { ...signed, signature: (await record({ key: otherKey })).signature } },
    { record: { ...signed, body: { ...signed.body, mode: "sign_out" } } },
  ];
  for (const change of refused)
    expect(ask("wipe sign", { ...args, ...change }, admin, events)).toBe("bad_arguments");
});

test("[P7] what is typed in the admin room only asks; signing or putting it away ends the asking", async () => {
  const events = await withRoster();
  const key = memberStateKey(responder);
  const content = { v: 1, user: responder, mode: "keys", by: admin, at: NOW, open: true };
  const wish = { do: "org state", type: WipeWish.type, key, content };
  expect(ask("wipe", { user: responder }, admin, events)).toEqual([wish]);
  expect(ask("wipe", { user: responder }, dispatcher, events)).toBe("not_permitted");
  expect(ask("wipe", { user: responder }, admin, events, "org")).toBe("wrong_room");
  expect(ask("wipe", { user: "@nobody:example.test" }, admin, events)).toBe("not_found");

  const asked = [...events, event(BOT, WipeWish.type, content, { key })];
  const closed = { ...wish, content: { ...content, open: false } };
  const signed = await record();
  const args = { user: responder, device, device_key, record: signed };
  expect(ask("wipe sign", args, admin, asked)).toEqual([published(signed), closed]);
  expect(ask("wipe dismiss", { user: responder }, admin, asked)).toEqual([closed]);
  expect(ask("wipe dismiss", { user: responder }, dispatcher, asked)).toBe("not_permitted");
});

test("[P7] a device is ended once it has answered, or when its time is over, and not before", async () => {
  const signed = await record();
  const events = await withRoster();
  const { content } = published(signed);
  const state = { now: readOrgState([...events, event(BOT, Wipe.type, content, { key: target })], BOT) };
  expect(
    ask("wipe done", { target }, admin, [...events, event(BOT, Wipe.type, content, { key: target })]),
  ).toEqual([{ do: "end device", user: responder, device }, published(signed, "acknowledged")]);
  expect(ask("wipe done", { target }, dispatcher, events)).toBe("not_permitted");

  const clock = { now: NOW };
  const did: string[] = [];
  const wakes: number[] = [];
  const wipes = createWipes({
    homeserver: {
      deleteDevice: (user, id) => Promise.resolve(void did.push(`ended ${user} ${id}`)),
      sendState: (_room, type, key, { state: to }) =>
        Promise.resolve(void did.push(`${type} ${key} ${String(to)}`)),
    },
    orgRoomId: () => "!org" as never,
    readOrg: () => Promise.resolve(state.now),
    now: () => clock.now,
    wakeIn: (ms) => void wakes.push(ms),
    log: createLog(
      () => {},
      () => clock.now,
    ),
  });
  expect(wipes.answer(`/wipes/${target}`)).toEqual({ status: 503, body: "{}" });
  await wipes.step();
  expect([did, wakes]).toEqual([[], [10_000]]);
  const answer = wipes.answer(`/wipes/${target}`);
  expect(answer?.status).toBe(200);
  expect(JSON.parse(answer?.body ?? "")).toMatchObject({
    v: 1,
    record: signed,
    roster: { 0: { purpose: "roster" } },
  });
  expect(answer?.body).not.toContain(`"${responder}"`);
  expect(wipes.answer(`/wipes/${"A".repeat(43)}`)?.status).toBe(404);
  expect(wipes.answer("/_matrix/app/v1/ping")).toBeUndefined();
  clock.now += 9_999;
  await wipes.step();
  expect(did).toEqual([]);
  clock.now += 1;
  await wipes.step();
  expect(did).toEqual([`ended ${responder} ${device}`, `${Wipe.type} ${target} unanswered`]);
});
