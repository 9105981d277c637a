import { IDBCursor, IDBDatabase, IDBFactory, IDBIndex, IDBKeyRange, IDBObjectStore } from "fake-indexeddb";
import { IDBCursorWithValue, IDBOpenDBRequest, IDBRequest, IDBTransaction } from "fake-indexeddb";
import { ROOT_KEY_BYTES, databaseNames, deleteDatabase } from "./storage.ts";
import type { SessionStorage, StorageProvider } from "./storage.ts";

/**
 * Storage in memory, for Node: tests, seeding, commands. It outlives the client that uses it, so that a second
 * client on it stands for a reload.
 *
 * The crypto library looks `indexedDB` up on the global object each time it opens a store, so all clients of a
 * process share one factory, and each session has a prefix of its own.
 */
export class MemoryStorage implements StorageProvider {
  #session: SessionStorage | undefined;

  find(): Promise<SessionStorage | undefined> {
    return Promise.resolve(this.#session);
  }

  create(): Promise<SessionStorage> {
    const factory = sharedFactory();
    const prefix = `hearth-${crypto.randomUUID()}`;
    let key: Uint8Array<ArrayBuffer> | undefined;
    this.#session = {
      kind: "memory",
      indexedDB: factory,
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
      install: () => {},
      delete: async () => {
        this.#session = undefined;
        for (const name of Object.values(databaseNames(prefix))) await deleteDatabase(factory, name);
      },
    };
    return Promise.resolve(this.#session);
  }
}

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
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
  return factory;
}
