import { KeyAsk, KeyGrant, RoomId, UserId } from "@hearth/protocol";
import { expect, test } from "vitest";
import type { Records } from "../../session/api.ts";
import { FakeRecords } from "./fakeDevice.ts";
import { SharedKeys } from "./sharedKeys.ts";
import type { OwnAsk } from "./store.ts";

const ROOM = RoomId.parse("!room");
const by = UserId.parse("@admin:example.test");
const ask = KeyAsk.schema.parse(KeyAsk.example);
const grant = KeyGrant.schema.parse({ ...KeyGrant.example, parts: [] });
const own: OwnAsk = { v: 1, ask, state: "given", sent: true, by, grant, done: 0, taken: 1, refused: 0 };
const key = { roomId: ROOM, sessionId: "session" };
const note = { request: ask.request, by };

async function restarted(records: Records, asks: readonly OwnAsk[] = [own]): Promise<SharedKeys> {
  const shared = new SharedKeys(records, () => asks);
  await shared.load();
  return shared;
}

test("[Q6] a key that came by a grant is covered within its span until its end, after a restart too", async () => {
  const records = new FakeRecords();
  await records.write((await restarted(records)).add([{ ...key, note }]));
  const shared = await restarted(records);
  expect(shared.covers(key, grant.from, grant.until - 1)).toBe(true);
  expect(shared.covers(key, grant.from, grant.until)).toBe(false);
  expect(shared.covers(key, grant.from - 1, grant.until - 1)).toBe(false);
  expect(shared.covers({ ...key, sessionId: "another" }, grant.from, grant.until - 1)).toBe(false);
  expect(shared.nextEnd(grant.until - 1)).toBe(grant.until);
  expect(shared.nextEnd(grant.until)).toBeUndefined();
  expect(shared.stamp(grant.until - 1)).not.toBe(shared.stamp(grant.until));
});

test("[Q6] once it is taken back it is over, however young; a grant that comes later counts anew", async () => {
  const records = new FakeRecords();
  const before = await restarted(records);
  await records.write(before.add([{ ...key, note }]));
  const { keys, changes } = before.end(ask.request);
  await records.write(changes);
  expect(keys).toEqual([key]);
  const shared = await restarted(records);
  expect(shared.hasEnded(key)).toBe(true);
  expect(shared.covers(key, grant.from, grant.until - 1)).toBe(false);
  await records.write(shared.add([{ ...key, note }]));
  expect((await restarted(records)).hasEnded(key)).toBe(false);
});

test("[Q6] an ask that nobody answered, or that failed, covers nothing", async () => {
  const records = new FakeRecords();
  await records.write((await restarted(records)).add([{ ...key, note }]));
  for (const state of ["waiting", "declined", "ended", "failed"] as const) {
    const shared = await restarted(records, [{ ...own, state }]);
    expect(shared.covers(key, grant.from, grant.until - 1)).toBe(false);
  }
});
