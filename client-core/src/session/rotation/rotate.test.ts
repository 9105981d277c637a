import { wrap } from "idb";
import type { IDBPDatabase } from "idb";
import { expect, test } from "vitest";
import { rotate } from "./rotate.ts";
import { divided, dividedSuccessor, placeOf, wholeSuccessor } from "../storage/dividedStorage.ts";
import { SealedHeader } from "../storage/sealedHeader.ts";
import { MemoryStorage } from "../storage/memory.ts";
import { newRootKey } from "../storage/rootKey.ts";
import { databaseNames } from "../storage/storage.ts";
import type { SessionStorage } from "../storage/storage.ts";
import { Vault } from "../vault.ts";
import { systemClock } from "../../work/clock.ts";

const account = { userId: "@a:b", deviceId: "D", cryptoMade: true, encryption: "done" } as const;
const noted = { at: 5, blockMs: 1000, pruned: false };
const unsent = (i: number) => ({
  localId: `out-${i}`,
  order: i,
  roomId: "!r",
  txnId: `txn-${i}`,
  createdAt: 1,
  work: { kind: "message", content: { msgtype: "m.text", body: `words ${i}` } },
  state: { kind: "queued" },
});
const room = {
  v: 1,
  state: [],
  log: [],
  start: { kind: "beginning" },
  base: null,
  digest: { name: "room" },
};

/** A session that has something of everything; its crypto store is any two databases. */
async function session() {
  const provider = new MemoryStorage();
  const storage = await provider.create();
  const vault = await Vault.create(storage);
  const cryptoKey = [...vault.keys.cryptoStoreKey];
  await vault.save({ account, tokens: { accessToken: "t" }, rotation: { ...noted, at: 1, pruned: true } });
  for (let i = 0; i < 120; i++)
    await vault.records.write([{ collection: "outbox", key: `out-${i}`, value: unsent(i) }]);
  await vault.records.write([{ collection: "rooms", key: "!r", value: room }]);
  vault.close();
  const names = databaseNames(storage.databasePrefix);
  for (const name of [names.crypto, names.cryptoMeta]) {
    const request = storage.indexedDB.open(name, 3);
    request.addEventListener("upgradeneeded", () => request.result.createObjectStore("rows"));
    const database = (await (wrap(request) as unknown)) as IDBPDatabase;
    await database.put("rows", new Uint8Array([1, 2]), "row");
    database.close();
  }
  return { provider, storage, cryptoKey };
}

async function opened(provider: MemoryStorage) {
  const storage = await provider.find();
  if (!storage) throw new Error("no session is stored");
  const vault = await Vault.open(storage);
  if (vault === "lost") throw new Error("the session is lost");
  return { storage, vault };
}

async function expectWhole(provider: MemoryStorage, cryptoKey: number[]) {
  const { storage, vault } = await opened(provider);
  expect(vault.account).toEqual(account);
  expect(await vault.tokens()).toEqual({ accessToken: "t" });
  const outbox = await vault.records.all("outbox");
  expect(outbox.map(({ value }) => value)).toEqual(
    expect.arrayContaining(Array.from({ length: 120 }, (_, i) => unsent(i))),
  );
  expect(await vault.records.get("rooms", "!r")).toEqual(room);
  expect([...vault.keys.cryptoStoreKey]).toEqual(cryptoKey);
  const databases = (await storage.indexedDB.databases()).map(({ name }) => name);
  const names = Object.values(databaseNames(storage.databasePrefix));
  expect(databases).toEqual(expect.arrayContaining(names));
  const record = await vault.rotation();
  vault.close();
  return { storage, record };
}

const quiet = { clock: systemClock, log: () => {} };
const signal = () => new AbortController().signal;

test("[P3] a storage rotation moves everything to another place under another root key, and deletes the old one", async () => {
  const { provider, storage, cryptoKey } = await session();
  const oldKey = await storage.rootKey.read();
  const moved = await rotate(storage, noted, signal(), quiet);
  expect((await provider.find())?.databasePrefix).toBe(moved.databasePrefix);
  expect((await expectWhole(provider, cryptoKey)).record).toEqual(noted);
  const newKey = await moved.rootKey.read();
  expect(newKey).toBeDefined();
  expect(newKey).not.toEqual(oldKey);
  expect(await storage.rootKey.read()).toBeUndefined();
  const left = (await storage.indexedDB.databases()).map(({ name = "" }) => name);
  expect(left.filter((name) => name.startsWith(storage.databasePrefix))).toEqual([]);

  // And once more, now that the crypto store's key is a record.
  await rotate(moved, { ...noted, at: 6 }, signal(), quiet);
  expect((await expectWhole(provider, cryptoKey)).record).toEqual({ ...noted, at: 6 });
});

/** Every step that touches a place, by what it does. Kills at the n-th: it and all that follow never happen. */
class Killer {
  #left: number;
  constructor(steps: number) {
    this.#left = steps;
  }
  get dead(): boolean {
    return this.#left < 0;
  }
  wrap(storage: SessionStorage): SessionStorage {
    const step = async <T>(work: () => Promise<T>): Promise<T> => {
      this.#left -= 1;
      if (this.dead) throw new Error("killed");
      return work();
    };
    const { rootKey, files } = storage;
    return {
      ...storage,
      files: { ...files, write: (name, bytes) => step(() => files.write(name, bytes)) },
      get indexedDB() {
        return storage.indexedDB;
      },
      rootKey: {
        read: () => step(() => rootKey.read()),
        write: (key) => step(() => rootKey.write(key)),
        destroy: () => step(() => rootKey.destroy()),
      },
      delete: () => step(() => storage.delete()),
      successor: () => step(async () => this.wrap((await storage.successor?.()) as SessionStorage)),
    };
  }
}

test("[P3] killed at any step, the next start finds one whole session and nothing beside it", async () => {
  let steps = 0;
  for (; ; steps++) {
    const { provider, storage, cryptoKey } = await session();
    const killer = new Killer(steps);
    await rotate(killer.wrap(storage), noted, signal(), quiet).catch(() => {});
    const { storage: found } = await expectWhole(provider, cryptoKey);
    const prefixes = new Set(
      (await found.indexedDB.databases())
        .map(({ name = "" }) => name.split("::")[0])
        .filter((prefix) => prefix === storage.databasePrefix || prefix === found.databasePrefix),
    );
    expect(prefixes).toEqual(new Set([found.databasePrefix]));
    if (!killer.dead) break;
  }
  // Read, make, write, destroy, delete.
  expect(steps).toBe(5);
});

test("[P7] killed at any step of dividing or joining its root key, a session opens as before or as afterwards", async () => {
  const half = newRootKey();
  const reopen = async (provider: MemoryStorage) => {
    const place = await provider.find();
    if (!place) throw new Error("no session is stored");
    const header = await SealedHeader.open(place);
    const storage = header ? divided(place, half, header) : place;
    const vault = await Vault.open(storage);
    if (vault === "lost") throw new Error("the session is lost");
    expect(vault.account).toEqual(account);
    expect(await vault.tokens()).toEqual({ accessToken: "t" });
    expect(await vault.records.all("outbox")).toHaveLength(120);
    expect(await vault.records.get("session", "tokens")).toEqual(header ? undefined : { accessToken: "t" });
    vault.close();
    return { storage, isDivided: header !== undefined };
  };
  const divide = (from: SessionStorage) => ({
    ...from,
    successor: () => dividedSuccessor(from, half, { account, tokens: { accessToken: "old" } }),
  });
  for (const wanted of [true, false]) {
    const seen = new Set<boolean>();
    for (let steps = 0; ; steps++) {
      const { provider, storage } = await session();
      if (!wanted) await rotate(divide(storage), noted, signal(), quiet);
      const killer = new Killer(steps);
      const { storage: now } = wanted ? { storage } : await reopen(provider);
      const place = killer.wrap(placeOf(now));
      const from = wanted ? divide(place) : { ...now, successor: () => wholeSuccessor(place) };
      await rotate(from, noted, signal(), quiet).catch(() => {});
      const { isDivided } = await reopen(provider);
      seen.add(isDivided);
      if (killer.dead) continue;
      expect(isDivided).toBe(wanted);
      break;
    }
    expect(seen).toEqual(new Set([true, false]));
  }
});

test("what can't be deleted doesn't bring the old place back", async () => {
  const { provider, storage, cryptoKey } = await session();
  const stuck = { ...storage, delete: () => Promise.reject(new Error("busy")) };
  const said: string[] = [];
  const moved = await rotate(stuck, noted, signal(), {
    ...quiet,
    log: (_level, message) => void said.push(message),
  });
  expect(said).toHaveLength(1);
  expect(await storage.rootKey.read()).toBeUndefined();
  const { storage: found } = await expectWhole(provider, cryptoKey);
  expect(found.databasePrefix).toBe(moved.databasePrefix);
});

test("stopped, it leaves the session where it was", async () => {
  const { provider, storage, cryptoKey } = await session();
  const stop = new AbortController();
  const stopping: SessionStorage = {
    ...storage,
    successor: async () => {
      stop.abort(new Error("stopped"));
      return (await storage.successor?.()) as SessionStorage;
    },
  };
  await expect(rotate(stopping, noted, stop.signal, quiet)).rejects.toThrow("stopped");
  const { storage: found, record } = await expectWhole(provider, cryptoKey);
  expect(found.databasePrefix).toBe(storage.databasePrefix);
  expect(record?.pruned).toBe(true);
});
