import { IDBCursor, IDBDatabase, IDBFactory, IDBIndex, IDBKeyRange, IDBObjectStore } from "fake-indexeddb";
import { IDBCursorWithValue, IDBOpenDBRequest, IDBRequest, IDBTransaction } from "fake-indexeddb";
import { chooseStored } from "./chooseStored.ts";
import type { Stored } from "./chooseStored.ts";
import { dumpDatabase, loadDatabase } from "./databaseDump.ts";
import type { DatabaseDump } from "./databaseDump.ts";
import { ROOT_KEY_BYTES, databaseNames, deleteDatabase, destroyRootKey, hasRootKey } from "./storage.ts";
import type { SessionStorage, StorageProvider } from "./storage.ts";

/**
 * Storage in memory, for Node: tests, seeding, commands. It outlives the client that uses it, so that a second
 * client on it stands for a reload.
 *
 * The crypto library looks `indexedDB` up on the global object each time it opens a store, so all clients of a
 * process share one factory, and each session has a prefix of its own.
 */
export class MemoryStorage implements StorageProvider {
  readonly #places = new Map<string, Made>();

  async find(): Promise<SessionStorage | undefined> {
    const { current, leftovers } = chooseStored(await this.#look());
    for (const { storage } of leftovers) {
      await destroyRootKey(storage);
      await storage.delete();
    }
    return current?.storage;
  }

  /** What `find` would give, for a look while a client runs: clearing up would break into its storage rotation. */
  async peek(): Promise<SessionStorage | undefined> {
    return chooseStored(await this.#look()).current?.storage;
  }

  /**
   * What `find` would give, as values that can be serialised: for another process that is to go on from here. Every client
   * on it must have been disposed of.
   * @throws when nothing is stored
   */
  async dump(): Promise<MemoryDump> {
    const current = await this.peek();
    const place = current && this.#places.get(current.databasePrefix);
    if (!place) throw new Error("nothing is stored");
    const { indexedDB, databasePrefix } = place.storage;
    const databases: MemoryDump["databases"] = {};
    const existing = new Set((await indexedDB.databases()).map(({ name }) => name));
    for (const [which, name] of Object.entries(databaseNames(databasePrefix)))
      if (existing.has(name)) databases[which] = await dumpDatabase({ factory: indexedDB, name });
    return { ...place.outside(), databases };
  }

  /** A storage that holds what another held, under a name of its own: as many of one dump as are wanted. */
  static async from({ rootKey, files, databases }: MemoryDump): Promise<MemoryStorage> {
    const made = new MemoryStorage();
    const { indexedDB, databasePrefix, ...storage } = made.#place();
    for (const [which, name] of Object.entries(databaseNames(databasePrefix))) {
      const dump = databases[which];
      if (dump) await loadDatabase(dump, { factory: indexedDB, name });
    }
    for (const [name, bytes] of Object.entries(files)) await storage.files.write(name, bytes);
    if (rootKey) await storage.rootKey.write(rootKey);
    return made;
  }

  #look(): Promise<Place[]> {
    return Promise.all(
      [...this.#places.values()].map(async (place): Promise<Place> => {
        return { ...place, hasKey: await hasRootKey(place.storage) };
      }),
    );
  }

  create(): Promise<SessionStorage> {
    return Promise.resolve(this.#place());
  }

  #place(replaces?: string): SessionStorage {
    const indexedDB = sharedFactory();
    const prefix = `hearth-${crypto.randomUUID()}`;
    let key: Uint8Array<ArrayBuffer> | undefined;
    const files = new Map<string, Uint8Array<ArrayBuffer>>();
    const storage: SessionStorage = {
      kind: "memory",
      indexedDB,
      databasePrefix: prefix,
      rootKey: {
        read: () => Promise.resolve(key?.slice()),
        write: (bytes) => {
          if (bytes.length !== ROOT_KEY_BYTES)
            return Promise.reject(new RangeError("a root key has 32 bytes"));
          key = bytes.slice();
          return Promise.resolve();
        },
        destroy: () => {
          key?.fill(0);
          key = undefined;
          return Promise.resolve();
        },
      },
      files: {
        read: (name) => Promise.resolve(files.get(name)?.slice()),
        write: (name, bytes) => Promise.resolve(void files.set(name, bytes.slice())),
        destroy: (name) => Promise.resolve(void files.delete(name)),
      },
      install: () => setGlobal("indexedDB", indexedDB),
      delete: async () => {
        this.#places.delete(prefix);
        await Promise.all(
          Object.values(databaseNames(prefix)).map((name) => deleteDatabase(indexedDB, name)),
        );
      },
      successor: () => Promise.resolve(this.#place(prefix)),
    };
    const outside = () => ({
      ...(key === undefined ? {} : { rootKey: key.slice() }),
      files: Object.fromEntries([...files].map(([name, bytes]) => [name, bytes.slice()])),
    });
    this.#places.set(prefix, { name: prefix, replaces, storage, outside });
    return storage;
  }
}

type Place = Stored & { readonly storage: SessionStorage };
type Made = Omit<Place, "hasKey"> & { readonly outside: () => OutsideDatabases };
type OutsideDatabases = {
  readonly rootKey?: Uint8Array<ArrayBuffer>;
  readonly files: Record<string, Uint8Array<ArrayBuffer>>;
};

/** All of a session in memory; structured clone and `v8.serialize` take it as it is. It holds the root key. */
export type MemoryDump = OutsideDatabases & { readonly databases: Record<string, DatabaseDump> };

let factory: IDBFactory | undefined;

function sharedFactory(): IDBFactory {
  if (factory) return factory;
  factory = new IDBFactory();
  const globals = {
    indexedDB: factory,
    IDBCursor,
    IDBCursorWithValue,
    IDBDatabase,
    IDBFactory,
    IDBIndex,
    IDBKeyRange,
    IDBObjectStore,
    IDBOpenDBRequest,
    IDBRequest,
    IDBTransaction,
  };
  for (const [name, value] of Object.entries(globals)) setGlobal(name, value);
  return factory;
}

function setGlobal(name: string, value: unknown): void {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}
