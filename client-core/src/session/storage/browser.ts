import { privateFiles, privateRootKeyFile, readText, writeText } from "./privateFile.ts";
import { chooseStored } from "./chooseStored.ts";
import { StorageRefused, databaseNames, deleteDatabase, destroyRootKey, hasRootKey } from "./storage.ts";
import type { SessionStorage, StorageProvider } from "./storage.ts";

/** The parts of the Storage Buckets API that we use; not in TypeScript's library yet. */
type StorageBucket = {
  readonly name: string;
  readonly indexedDB: IDBFactory;
  getDirectory(): Promise<FileSystemDirectoryHandle>;
};
type StorageBucketManager = {
  open(
    name: string,
    options?: { durability?: "strict" | "relaxed"; persisted?: boolean },
  ): Promise<StorageBucket>;
  keys(): Promise<string[]>;
  delete(name: string): Promise<void>;
};

const BUCKET_NAME = /^hearth-[0-9a-f]{16}$/;
const SHARED_FOLDER = "hearth";
const PREFIX = "hearth";
/** Names the bucket that this one takes the place of. */
const REPLACES_FILE = "replaces";

/** What a worker of this browser can store in: a bucket of its own, or the storage it shares with the origin. */
export function browserStorage(): StorageProvider {
  const defaultIndexedDB = readDefaultIndexedDB();
  const { storage } = navigator;
  const buckets = (navigator as { storageBuckets?: StorageBucketManager }).storageBuckets;
  return refusing(
    buckets ? bucketStorage(buckets) : sharedStorage(defaultIndexedDB, () => storage.getDirectory()),
  );
}

/**
 * One storage bucket a session. Its directory goes with it, so that what is deleted is gone from the disk, which rows
 * deleted from a database are not.
 */
function bucketStorage(buckets: StorageBucketManager): StorageProvider {
  const openBucket = (name: string) => buckets.open(name, { durability: "strict", persisted: true });
  const open = async (name: string): Promise<SessionStorage> => {
    const bucket = await openBucket(name);
    return {
      kind: "bucket",
      indexedDB: bucket.indexedDB,
      databasePrefix: PREFIX,
      rootKey: privateRootKeyFile(() => bucket.getDirectory()),
      files: privateFiles(() => bucket.getDirectory()),
      install: () => replaceIndexedDB(bucket.indexedDB),
      delete: () => buckets.delete(name),
      async successor() {
        const next = newName();
        await writeText(await (await openBucket(next)).getDirectory(), REPLACES_FILE, name);
        return open(next);
      },
    };
  };
  return {
    async find() {
      const names = (await buckets.keys()).filter((name) => BUCKET_NAME.test(name)).toSorted();
      const found = await Promise.all(
        names.map(async (name) => {
          const storage = await open(name);
          const replaces = await readText(await (await openBucket(name)).getDirectory(), REPLACES_FILE);
          return { name, storage, hasKey: await hasRootKey(storage), replaces };
        }),
      );
      const { current, leftovers } = chooseStored(found);
      for (const { storage } of leftovers) {
        await destroyRootKey(storage);
        await storage.delete();
      }
      return current?.storage;
    },
    create: () => open(newName()),
  };
}

function newName(): string {
  const random = crypto.getRandomValues(new Uint8Array(8));
  return `hearth-${Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** For browsers without storage buckets. Deleted rows stay in their files for long: the devices page says so. */
function sharedStorage(
  factory: IDBFactory | undefined,
  root: () => Promise<FileSystemDirectoryHandle>,
): StorageProvider {
  const removeDatabases = async () => {
    if (!factory) return;
    // At once: one that somebody still holds open must not keep the others.
    await Promise.all(Object.values(databaseNames(PREFIX)).map((name) => deleteDatabase(factory, name)));
  };
  const place = async (): Promise<SessionStorage> => {
    if (!factory) throw new StorageRefused("no IndexedDB");
    // Asked at once, so that a browser without a private file system refuses before anything is written.
    const folder = await (await root()).getDirectoryHandle(SHARED_FOLDER, { create: true });
    return {
      kind: "shared",
      indexedDB: factory,
      databasePrefix: PREFIX,
      rootKey: privateRootKeyFile(() => Promise.resolve(folder)),
      files: privateFiles(() => Promise.resolve(folder)),
      install: () => replaceIndexedDB(factory),
      async delete() {
        await removeDatabases();
        await (await root()).removeEntry(SHARED_FOLDER, { recursive: true });
      },
    };
  };
  return {
    async find() {
      try {
        await (await root()).getDirectoryHandle(SHARED_FOLDER);
      } catch (error) {
        if (error instanceof DOMException && error.name === "NotFoundError") return undefined;
        throw error;
      }
      return place();
    },
    async create() {
      // What an earlier session left, its key thrown away by the browser, is read by nobody and in the way.
      await removeDatabases();
      const made = await place();
      // A lock that was left behind would count, and have the new root key taken for what it has locked.
      await destroyRootKey(made);
      return made;
    },
  };
}

function refusing(provider: StorageProvider): StorageProvider {
  const guard = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw error instanceof StorageRefused ? error : new StorageRefused(error);
    }
  };
  return { find: () => guard(() => provider.find()), create: () => guard(() => provider.create()) };
}

function replaceIndexedDB(factory: IDBFactory): void {
  Object.defineProperty(globalThis, "indexedDB", { value: factory, configurable: true, writable: true });
}

/** Reading the property throws where a browser forbids storage. */
function readDefaultIndexedDB(): IDBFactory | undefined {
  try {
    return globalThis.indexedDB;
  } catch {
    return undefined;
  }
}
