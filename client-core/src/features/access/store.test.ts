import { KeyAsk, KeyGrant, UserId } from "@hearth/protocol";
import { expect, test } from "vitest";
import { FakeRecords } from "./fakeDevice.ts";
import { AccessStore, type OwnAsk, type TheirAsk } from "./store.ts";

const ask = KeyAsk.schema.parse(KeyAsk.example);
const grant = KeyGrant.schema.parse(KeyGrant.example);
const own: OwnAsk = { v: 1, ask, state: "receiving", sent: true, done: 0, taken: 0, refused: 0, grant };
const their: TheirAsk = {
  v: 1,
  from: UserId.parse("@sam:x"),
  ask,
  receivedAt: 0,
  state: "giving",
  parts: grant.parts,
  devices: {},
};

function opened() {
  const said = { changes: 0, rotations: 0 };
  const records = new FakeRecords();
  const store = new AccessStore(
    records,
    () => (said.changes += 1),
    () => (said.rotations += 1),
  );
  return { store, records, said };
}

test("[T6] with the role that is lost, others' asks leave the memory too, and nothing under way brings one back", async () => {
  const { store, records, said } = opened();
  await store.addTheir(their);
  await store.putOwn(own);
  // As the session does it: the rows first.
  records.kept.delete(`their:${ask.request}`);
  store.roleLost();
  expect([store.their.size, store.own.size]).toEqual([0, 1]);
  expect(said).toEqual({ changes: 3, rotations: 1 });
  await store.putTheir({ ...their, state: "given" });
  expect(store.their.size).toBe(0);
  expect([...records.kept.keys()]).toEqual([`own:${ask.request}`]);
});

test.each<[string, (store: AccessStore) => Promise<void>]>([
  [
    "an ask of one's own has come in whole",
    (store) => store.putOwn({ ...own, grant: { ...grant, parts: [] } }),
  ],
  ["one's own is put away", (store) => store.dropOwn(ask.request)],
  ["files that were given are deleted", (store) => store.putTheir({ ...their, parts: [], cleaned: true })],
  ["somebody's is let go of", (store) => store.dropTheir(ask.request)],
])("[P3] when %s, the keys of its files ask for a storage rotation", async (_, end) => {
  const { store, said } = opened();
  expect(grant.parts.length).toBeGreaterThan(0);
  await store.putOwn(own);
  await store.addTheir(their);
  await store.putOwn({ ...own, done: 1 });
  await store.putTheir({ ...their, state: "given" });
  expect(said.rotations).toBe(0);
  await end(store);
  expect(said.rotations).toBe(1);
});
