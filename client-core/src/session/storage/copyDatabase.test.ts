import { IDBFactory } from "fake-indexeddb";
import { wrap } from "idb";
import type { IDBPDatabase } from "idb";
import { expect, test } from "vitest";
import { copyDatabase, untilUnused } from "./copyDatabase.ts";
import { MemoryStorage } from "./memory.ts";
import { MovedClock } from "../../work/movedClock.ts";

// Puts the globals of IndexedDB in place.
await new MemoryStorage().create();

const opened = (request: IDBOpenDBRequest) => wrap(request) as unknown as Promise<IDBPDatabase>;

async function example(factory: IDBFactory): Promise<IDBPDatabase> {
  const request = factory.open("from", 107);
  request.addEventListener("upgradeneeded", () => {
    const people = request.result.createObjectStore("people", { keyPath: "id" });
    people.createIndex("by age", "age");
    people.createIndex("by tags", "tags", { multiEntry: true });
    people.createIndex("by name", ["last", "first"], { unique: true });
    request.result.createObjectStore("queue", { autoIncrement: true });
    request.result.createObjectStore("loose");
    request.result.createObjectStore("nothing in it");
  });
  const database = await opened(request);
  const writing = database.transaction(["people", "queue", "loose"], "readwrite");
  for (let i = 0; i < 450; i++) {
    const person = { id: `p${i}`, age: i % 7, tags: [`t${i % 3}`, "all"], first: `f${i}`, last: "l" };
    void writing.objectStore("people").put(person);
    void writing.objectStore("queue").add({ work: i });
  }
  void writing.objectStore("loose").put(new Uint8Array([1, 2, 3]), ["an", "array", 5]);
  void writing.objectStore("loose").put("text", new Uint8Array([9]));
  await writing.done;
  return database;
}

const everything = async (database: IDBPDatabase) =>
  Promise.all(
    [...database.objectStoreNames].map(async (name) => {
      const { store } = database.transaction(name);
      const indexes = [...store.indexNames].map((each) => {
        const { keyPath, unique, multiEntry } = store.index(each);
        return { name: each, keyPath, unique, multiEntry };
      });
      const { keyPath, autoIncrement } = store;
      const [keys, values] = await Promise.all([store.getAllKeys(), store.getAll()]);
      return { name, keyPath, autoIncrement, indexes, keys, values: values as unknown[] };
    }),
  );

test("a copy has the version, stores, keys, indexes and rows, of whatever kind", async () => {
  const [here, there] = [new IDBFactory(), new IDBFactory()];
  const source = await example(here);
  await copyDatabase({ factory: here, name: "from" }, { factory: there, name: "to" }, neverAborted());
  const copy = await opened(there.open("to"));
  expect(copy.version).toBe(107);
  expect(await everything(copy)).toEqual(await everything(source));
  expect(await copy.getAllFromIndex("people", "by tags", "t1")).toHaveLength(150);
  // What is queued from now on comes after what was queued before.
  const lastKey = (await source.getAllKeys("queue")).at(-1) as number;
  expect(await copy.add("queue", { work: "more" })).toBe(lastKey + 1);
  source.close();
  copy.close();
});

test("it stops between two batches, and what does not exist is not made", async () => {
  const [here, there] = [new IDBFactory(), new IDBFactory()];
  (await example(here)).close();
  const stop = new AbortController();
  stop.abort(new Error("stopped"));
  const to = { factory: there, name: "to" };
  await expect(copyDatabase({ factory: here, name: "from" }, to, stop.signal)).rejects.toThrow("stopped");
  const missing = { factory: here, name: "missing" };
  await expect(copyDatabase(missing, { factory: there, name: "x" }, neverAborted())).rejects.toThrow();
  expect((await here.databases()).map(({ name }) => name)).toEqual(["from"]);
});

test("untilUnused waits for who has it open, changes nothing, and says when nobody lets go", async () => {
  const clock = new MovedClock();
  const factory = new IDBFactory();
  const database = await example(factory);
  const unused = untilUnused({ factory, name: "from" }, 10_000, clock).then(() => "unused");
  const writing = database.put("people", { id: "late", age: 1, tags: [], first: "late", last: "l" });
  expect(await Promise.race([unused, writing.then(() => "written")])).toBe("written");
  database.close();
  expect(await unused).toBe("unused");
  const again = await opened(factory.open("from"));
  expect(again.version).toBe(107);
  expect(await again.count("people")).toBe(451);
  const held = untilUnused({ factory, name: "from" }, 10_000, clock);
  await Promise.all([expect(held).rejects.toThrow("in use"), clock.pass(10_000)]);
  again.close();
});

function neverAborted(): AbortSignal {
  return new AbortController().signal;
}
