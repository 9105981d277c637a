import { CATALOGUE, clearingSteps } from "@hearth/protocol";
import type { SessionView } from "../../contract/index.ts";
import { closeConnections } from "../../sdk/connections.ts";
import type { SealedHeader } from "./sealedHeader.ts";
import { SafeFile } from "./safeFile.ts";
import type { RawFiles } from "./safeFile.ts";

/**
 * Where one session keeps everything: its crypto store, its records and, apart from them, the root key that
 * both are encrypted with.
 */
export interface SessionStorage {
  readonly kind: SessionView["storage"];
  readonly indexedDB: IDBFactory;
  /** Begins the names of the session's databases. */
  readonly databasePrefix: string;
  readonly rootKey: RootKeyFile;
  /** Where the server has a half of the root key: what is needed to ask for it. */
  readonly header?: SealedHeader;
  /** Small files beside it: those that the table of data says are destroyed. */
  readonly files: RawFiles;
  /**
   * Makes `globalThis.indexedDB` the session's own: the crypto library takes whatever stands there when it opens its
   * store.
   */
  install(): void;
  /** Removes the session's files for good. Every connection must be closed. */
  delete(): Promise<void>;
  /**
   * A new, empty place that stands for this one as soon as its root key is written: from then on `find` gives it, and
   * until then this one. Absent where deleting a place does not remove its files.
   */
  successor?(): Promise<SessionStorage>;
}

/** A file that can be overwritten in place, unlike a row of a database. */
export interface RootKeyFile {
  /** The 32 bytes, or undefined when there is no such file, or a damaged one. */
  read(): Promise<Uint8Array<ArrayBuffer> | undefined>;
  write(key: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Overwrites the key where it lies, first with random bytes, then with zeros, and removes the file. */
  destroy(): Promise<void>;
}

/**
 * By the table: what is destroyed when a session ends, beside the root key's own file.
 * `lock`: the root key under an app lock, in the place of its own file. `lock-notes`: wrong tries, the lease, and by
 * what a wipe is found. `sealed-header`: the tokens, where the server has a half of the root key.
 */
const SEALED_FILES = clearingSteps("sign-out", CATALOGUE.records.values()).flatMap(({ record, fate }) =>
  fate === "destroyed" && record !== "rootKey" ? [record] : [],
);

/** What makes a place a session's: its root key, plain or under a lock. */
export async function hasRootKey(storage: SessionStorage): Promise<boolean> {
  if ((await storage.rootKey.read()) !== undefined) return true;
  return (await new SafeFile(storage.files, "lock").read()) !== undefined;
}

/** Overwrites every form in which the root key is stored. */
export async function destroyRootKey(storage: SessionStorage): Promise<void> {
  await storage.rootKey.destroy();
  for (const name of SEALED_FILES) await new SafeFile(storage.files, name).destroy();
}

export interface StorageProvider {
  /** The session stored here, if any. */
  find(): Promise<SessionStorage | undefined>;
  /** A new, empty place. */
  create(): Promise<SessionStorage>;
}

/** The browser refused, or lost, what a session needs. */
export class StorageRefused extends Error {
  constructor(cause: unknown) {
    super("storage refused", { cause });
    this.name = "StorageRefused";
  }
}

export const ROOT_KEY_BYTES = 32;

export function deleteDatabase(factory: IDBFactory, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = factory.deleteDatabase(name);
    request.addEventListener("success", () => resolve());
    request.addEventListener("error", () => reject(request.error ?? new Error(`could not delete ${name}`)));
    // A connection of somebody else that is still open closes soon: the deletion goes on by itself then.
    request.addEventListener("blocked", () => closeConnections(factory, name));
  });
}

/** The names of the databases that the crypto library and the records make under a prefix. */
export function databaseNames(prefix: string): { crypto: string; cryptoMeta: string; records: string } {
  return {
    crypto: `${prefix}::matrix-sdk-crypto`,
    cryptoMeta: `${prefix}::matrix-sdk-crypto-meta`,
    records: `${prefix}::records`,
  };
}
