import { IDBFactory } from "fake-indexeddb";
import { beforeEach, expect, test } from "vitest";
import { EncryptedRecords } from "./records.ts";
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
    { collection: "rooms", key: "!room", value: { text: "hello" } },
    { collection: "rooms", key: "!other", value: [1, 2] },
    { collection: "org", key: "!room", value: "another collection" },
  ]);
  records.close();
  const again = await open();
  expect(await again.get("rooms", "!room")).toEqual({ text: "hello" });
  expect(await again.get("org", "!room")).toBe("another collection");
  expect(await again.get("reads", "!room")).toBeUndefined();
  expect((await again.all("rooms")).toSorted((a, b) => a.key.localeCompare(b.key))).toEqual([
    { key: "!other", value: [1, 2] },
    { key: "!room", value: { text: "hello" } },
  ]);
  await again.write([{ collection: "rooms", key: "!other", remove: true }]);
  expect(await again.all("rooms")).toHaveLength(1);
  again.close();
});

test("[P3] neither text nor names lie in the raw rows", async () => {
  const records = await open();
  const secret = "a caller's words 7f3a9c";
  await records.write([
    { collection: "rooms", key: "!secret-room:server", value: { secret } },
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
    { collection: "rooms", key: "a", value: "same" },
    { collection: "rooms", key: "b", value: "same" },
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
    records.write([{ collection: "misc", key: "n", value: big }]),
    records.write([{ collection: "misc", key: "n", value: 2 }]),
    records.write([{ collection: "misc", key: "n", value: 3 }]),
  ]);
  expect(await records.get("misc", "n")).toBe(3);
  records.close();
});

test("a write is whole or not at all, and a failed one does not stop the next", async () => {
  const records = await open();
  const circular: { self?: unknown } = {};
  circular.self = circular;
  const failing = records.write([
    { collection: "misc", key: "first", value: 1 },
    { collection: "misc", key: "second", value: circular },
  ]);
  const next = records.write([{ collection: "misc", key: "third", value: 3 }]);
  await expect(failing).rejects.toThrow();
  await next;
  expect((await records.all("misc")).map(({ key }) => key)).toEqual(["third"]);
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
