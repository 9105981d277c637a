import { wrap } from "idb";
import type { IDBPDatabase } from "idb";
import { expect, test } from "vitest";
import { MemoryStorage } from "./memory.ts";
import { databaseNames } from "./storage.ts";
import type { SessionStorage } from "./storage.ts";

const opened = (request: IDBOpenDBRequest) => wrap(request) as unknown as Promise<IDBPDatabase>;
const key = new Uint8Array(32).fill(7);
const notes = new Uint8Array([1, 2, 3]);

async function filled(storage: SessionStorage): Promise<void> {
  const request = storage.indexedDB.open(databaseNames(storage.databasePrefix).records, 4);
  request.addEventListener("upgradeneeded", () => {
    request.result.createObjectStore("people", { keyPath: "id" }).createIndex("by age", "age");
    request.result.createObjectStore("loose");
  });
  const database = await opened(request);
  await database.put("people", { id: "a", age: 40, data: new Uint8Array([5]).buffer });
  await database.put("loose", new Uint8Array([9]), new Uint8Array([1]));
  database.close();
  await storage.files.write("lock-notes", notes);
  await storage.rootKey.write(key);
}

test("a dump that was cloned is a storage again, with all that was in it, as often as wanted", async () => {
  const storage = new MemoryStorage();
  await filled(await storage.create());
  const dump = structuredClone(await storage.dump());
  // Two at once, in the one factory that a process has: neither is in the other's way.
  for (const copy of [await MemoryStorage.from(dump), await MemoryStorage.from(dump)]) {
    const place = await copy.find();
    if (!place) throw new Error("nothing is stored");
    expect(await place.rootKey.read()).toEqual(key);
    expect(await place.files.read("lock-notes")).toEqual(notes);
    const database = await opened(place.indexedDB.open(databaseNames(place.databasePrefix).records));
    expect(database.version).toBe(4);
    const found = (await database.getAllFromIndex("people", "by age", 40)) as {
      id: string;
      data: ArrayBuffer;
    }[];
    expect(found.map(({ id, data }) => [id, ...new Uint8Array(data)])).toEqual([["a", 5]]);
    expect(await database.get("loose", new Uint8Array([1]))).toEqual(new Uint8Array([9]));
    // What it keeps from now on is its own.
    await database.delete("people", "a");
    database.close();
    await place.rootKey.destroy();
  }
});

test("nothing is dumped where nothing is stored, or where the key was destroyed there is none in the dump", async () => {
  const storage = new MemoryStorage();
  await expect(storage.dump()).rejects.toThrow("nothing is stored");
  const place = await storage.create();
  await filled(place);
  await place.rootKey.destroy();
  expect(await storage.dump()).not.toHaveProperty("rootKey");
});
