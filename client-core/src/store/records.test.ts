import { CATALOGUE } from "@hearth/protocol";
import { IDBFactory } from "fake-indexeddb";
import { beforeEach, expect, test } from "vitest";
import { Vault } from "../session/vault.ts";
import { EncryptedRecords, type StoredCollection } from "./records.ts";
import { MemoryStorage } from "../session/storage/memory.ts";
import { deriveKeys, newRootKey } from "../session/storage/rootKey.ts";
import { databaseNames } from "../session/storage/storage.ts";
import type { SessionStorage } from "../session/storage/storage.ts";

let storage: SessionStorage;
let rootKey: Uint8Array<ArrayBuffer>;

beforeEach(async () => {
  storage = await new MemoryStorage().create();
  rootKey = newRootKey();
});

const open = async (key = rootKey) =>
  EncryptedRecords.open(storage.indexedDB, storage.databasePrefix, await deriveKeys(key.slice()));

/** A valid record of a room that holds something of ours. */
const room = (note: unknown) => ({
  v: 1,
  state: [note],
  log: [],
  start: { kind: "beginning" },
  base: null,
  digest: null,
});

/** Everything that lies in the database, as a thief would read it. */
async function rawRows(): Promise<Uint8Array[]> {
  const request = storage.indexedDB.open(databaseNames(storage.databasePrefix).records);
  const database = await new Promise<IDBDatabase>((resolve) =>
    request.addEventListener("success", () => resolve(request.result)),
  );
  const parts: Uint8Array[] = [];
  for (const name of database.objectStoreNames) {
    const all = database.transaction(name).objectStore(name).getAll();
    await new Promise((resolve) => all.addEventListener("success", resolve));
    for (const row of all.result as Record<string, ArrayBuffer | Uint8Array>[]) {
      expect(Object.keys(row).toSorted()).toEqual(["data", "iv", "name"]);
      for (const part of Object.values(row)) parts.push(new Uint8Array(part as ArrayBuffer));
    }
  }
  database.close();
  return parts;
}

test("what was written is read again, by a later opening too", async () => {
  const records = await open();
  await records.write([
    { collection: "rooms", key: "!room", value: room("hello") },
    { collection: "rooms", key: "!other", value: room([1, 2]) },
    { collection: "reads", key: "!room", value: "another collection" },
  ]);
  records.close();
  const again = await open();
  expect(await again.get("rooms", "!room")).toEqual(room("hello"));
  expect(await again.get("reads", "!room")).toBe("another collection");
  expect(await again.get("keyAges", "!room")).toBeUndefined();
  expect((await again.all("rooms")).toSorted((a, b) => a.key.localeCompare(b.key))).toEqual([
    { key: "!other", value: room([1, 2]) },
    { key: "!room", value: room("hello") },
  ]);
  await again.write([{ collection: "rooms", key: "!other", remove: true }]);
  expect(await again.all("rooms")).toHaveLength(1);
  again.close();
});

test("[P3] neither text nor names lie in the raw rows", async () => {
  const records = await open();
  const secret = "a caller's words 7f3a9c";
  await records.write([
    { collection: "rooms", key: "!secret-room:server", value: room(secret) },
    { collection: "session", key: "tokens", value: { accessToken: "syt_secret_token" } },
  ]);
  records.close();
  const parts = await rawRows();
  expect(parts.length).toBe(6);
  for (const part of parts) {
    const text = new TextDecoder("latin1").decode(part);
    for (const word of [secret, "!secret-room", "syt_secret", "tokens", "rooms", "accessToken"]) {
      expect(text).not.toContain(word);
    }
  }
});

test("another root key opens nothing, and equal values look different", async () => {
  const records = await open();
  await records.write([
    { collection: "rooms", key: "a", value: room("same") },
    { collection: "rooms", key: "b", value: room("same") },
  ]);
  records.close();
  const texts = (await rawRows()).map((part) => part.join(","));
  expect(new Set(texts).size).toBe(texts.length);
  const stranger = await open(newRootKey());
  expect(await stranger.get("rooms", "a")).toBeUndefined();
  await expect(stranger.all("rooms")).rejects.toThrow();
  stranger.close();
});

test("writes land in the order in which they were asked for", async () => {
  const records = await open();
  const big = "x".repeat(300_000);
  await Promise.all([
    records.write([{ collection: "reads", key: "n", value: big }]),
    records.write([{ collection: "reads", key: "n", value: "2" }]),
    records.write([{ collection: "reads", key: "n", value: "3" }]),
  ]);
  expect(await records.get("reads", "n")).toBe("3");
  records.close();
});

test("a write is whole or not at all, and a failed one does not stop the next", async () => {
  const records = await open();
  const circular: { self?: unknown } = {};
  circular.self = circular;
  const failing = records.write([
    { collection: "reads", key: "first", value: "1" },
    { collection: "reads", key: "second", value: circular },
  ]);
  const next = records.write([{ collection: "reads", key: "third", value: "3" }]);
  await expect(failing).rejects.toThrow();
  await next;
  expect((await records.all("reads")).map(({ key }) => key)).toEqual(["third"]);
  records.close();
});

test("opening leaves the global indexedDB as it was", async () => {
  const before = globalThis.indexedDB;
  const elsewhere = new IDBFactory();
  const records = await EncryptedRecords.open(elsewhere, "x", await deriveKeys(newRootKey()));
  expect(globalThis.indexedDB).toBe(before);
  expect(await elsewhere.databases()).toHaveLength(1);
  records.close();
});

test("[T5] a record that fits no version is kept and told of, and put aside before something takes its place", async () => {
  const records = await open();
  const told: unknown[] = [];
  await records.write([
    { collection: "rooms", key: "!new", value: { ...room("later"), v: 99 } },
    { collection: "rooms", key: "!odd", value: "no room at all" },
    { collection: "rooms", key: "!good", value: room("fine") },
    { collection: "access", key: "unheard-of", value: { v: 1 } },
  ]);
  records.onUnreadable((record) => told.push(record));
  expect(await records.all("rooms")).toEqual([{ key: "!good", value: room("fine") }]);
  expect(await records.get("access", "unheard-of")).toBeUndefined();
  await records.all("rooms");
  expect(told).toHaveLength(3);
  expect(told).toContainEqual({ collection: "rooms", label: "Room", reason: "newer_version" });
  expect(told).toContainEqual({ collection: "rooms", label: "Room", reason: "malformed" });
  expect(told).toContainEqual({ collection: "access", label: undefined, reason: "unknown" });

  await records.write([
    { collection: "rooms", key: "!new", value: room("begun again") },
    { collection: "rooms", key: "!odd", remove: true },
  ]);
  expect(await records.get("rooms", "!new")).toEqual(room("begun again"));
  expect((await records.all("unreadable")).toSorted((a, b) => a.key.localeCompare(b.key))).toEqual([
    {
      key: "rooms !new",
      value: { collection: "rooms", key: "!new", value: { ...room("later"), v: 99 } },
    },
    { key: "rooms !odd", value: { collection: "rooms", key: "!odd", value: "no room at all" } },
  ]);
  records.close();
});

test("[P3] what can't be read goes as a whole a window after it was met, where it lies and where it was put aside", async () => {
  const records = await open();
  const HOUR = 3_600_000;
  await records.write([
    { collection: "rooms", key: "!stays", value: "a caller's words" },
    { collection: "rooms", key: "!replaced", value: "other words" },
    { collection: "session", key: "lease", value: "no lease" },
  ]);
  await records.all("rooms");
  await records.get("session", "lease");
  const forget = (now: number) => records.forgetUnreadable(now, (at) => now - at > HOUR);
  await forget(1);
  await records.write([{ collection: "rooms", key: "!replaced", value: room("begun again") }]);
  await forget(HOUR);
  const kept = async () => (await records.all("unreadable")).map(({ key }) => key).toSorted();
  expect(await kept()).toEqual(["rooms !replaced", "rooms !stays"]);
  const told: unknown[] = [];
  await forget(HOUR + 2);
  expect(await kept()).toEqual([]);
  records.onUnreadable((record) => told.push(record));
  expect(await records.all("rooms")).toEqual([{ key: "!replaced", value: room("begun again") }]);
  // What says nothing of the people served stays for another version.
  await records.get("session", "lease");
  expect(told).toEqual([{ collection: "session", label: expect.any(String), reason: "malformed" }]);
  records.close();
});

test("[T1] every kind of record that is defined can be stored, and is read as it was written", async () => {
  const records = await open();
  const stored = [...CATALOGUE.records.values()].flatMap(({ name, stored: place, example }) =>
    place ? [{ name, collection: place.collection as StoredCollection, key: place.key ?? "*", example }] : [],
  );
  expect(stored.length).toBeGreaterThan(20);
  await records.write(stored.map(({ collection, key, example }) => ({ collection, key, value: example })));
  for (const { name, collection, key, example } of stored)
    expect([name, await records.get(collection, key)]).toEqual([name, example]);
  records.close();
});

test("[T6] a role that is lost takes along what only that role had a use for, and nothing else", async () => {
  const records = await open();
  const stored = [...CATALOGUE.records.values()].flatMap(({ name, stored: place, example, fates }) =>
    place
      ? [{ name, collection: place.collection as StoredCollection, key: place.key ?? "any", example, fates }]
      : [],
  );
  await records.write(stored.map(({ collection, key, example }) => ({ collection, key, value: example })));
  await records.write([{ collection: "access", key: "unheard-of", value: { v: 1 } }]);
  const told: unknown[] = [];
  records.onUnreadable((record) => told.push(record));
  const going = stored.filter(({ fates }) => fates["role lost"] === "deleted");
  expect(going.length).toBeGreaterThan(3);
  expect(await records.clear("role lost")).toBe(going.length);
  for (const { name, collection, key, example } of stored) {
    const value = going.some((each) => each.name === name) ? undefined : example;
    expect([name, await records.get(collection, key)]).toEqual([name, value]);
  }
  expect(told).toEqual([{ collection: "access", label: undefined, reason: "unknown" }]);
  expect(await records.clear("role lost")).toBe(0);
  records.close();
});

test("[T5] a session whose own records a newer version wrote is not opened, and not destroyed", async () => {
  const provider = new MemoryStorage();
  const place = await provider.create();
  const account = { userId: "@a:b", deviceId: "D", cryptoMade: false, encryption: "check" } as const;
  const vault = await Vault.create(place);
  await vault.save({ account: { ...account, v: 2 } as typeof account });
  vault.close();
  await expect(Vault.open(place)).rejects.toThrow(/another version/);
  expect(await place.rootKey.read()).toBeDefined();
  expect(await provider.find()).toBeDefined();
});
