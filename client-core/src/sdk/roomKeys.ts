import {
  DecryptionSettings,
  RoomId as WasmRoomId,
  TrustRequirement,
} from "@matrix-org/matrix-sdk-crypto-wasm";
import type { InboundGroupSession } from "@matrix-org/matrix-sdk-crypto-wasm";
import { RoomId, unpaddedBase64 } from "@hearth/protocol";
import type { MatrixClient } from "matrix-js-sdk";
import type { RoomKeyRef, RoomKeys } from "../session/api.ts";
import { internalsOf, type CryptoInternals } from "./patches.ts";
import { databaseNames } from "../session/storage/storage.ts";
import type { SessionStorage } from "../session/storage/storage.ts";
import { Turns } from "../work/turns.ts";

/**
 * The crypto library has no call to forget a room key, so its rows are deleted from under it (it keeps no copy in
 * memory). All that we know of its database is in this file, was found with the pinned version, and is checked before
 * anything is touched: on another version nothing is deleted, and whoever asked is told.
 */
const DATABASE_VERSION = 107;
const SESSIONS = "inbound_group_sessions3";
/** Bundles of old keys that somebody shared with an invite: nothing of ours imports them. */
const BUNDLES = ["received_room_key_bundles", "rooms_pending_key_bundle"];

const MOST_LOOKS = 20;

/** What the crypto store is, is not what this version of Hearth knows how to change. */
export class UnknownCryptoStore extends Error {
  constructor(what: string) {
    super(`the crypto store is not one that this version can delete keys from: ${what}`);
    this.name = "UnknownCryptoStore";
  }
}

export class StoredRoomKeys implements RoomKeys {
  readonly #crypto: CryptoInternals;
  readonly #storage: Pick<SessionStorage, "indexedDB" | "databasePrefix">;
  readonly #listeners = new Set<(keys: readonly RoomKeyRef[]) => void>();
  #isListening = false;
  /** One look at a time: each must see its own question only. */
  readonly #turns = new Turns();

  constructor(client: MatrixClient, storage: Pick<SessionStorage, "indexedDB" | "databasePrefix">) {
    this.#crypto = internalsOf(client);
    this.#storage = storage;
  }

  onArrival(listener: (keys: readonly RoomKeyRef[]) => void): () => void {
    if (!this.#isListening) this.#listen();
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The machine takes one listener, which the SDK has: so the SDK's is called by ours. */
  #listen(): void {
    this.#isListening = true;
    const taken = this.#crypto.onRoomKeysUpdated.bind(this.#crypto);
    this.#crypto.onRoomKeysUpdated = (keys) => {
      const refs = keys.flatMap(({ roomId, sessionId }) => refOf(roomId, sessionId));
      const done = taken(keys);
      for (const listener of this.#listeners) listener(refs);
      return done;
    };
  }

  async list(): Promise<RoomKeyRef[]> {
    const found: RoomKeyRef[] = [];
    await this.#crypto.olmMachine.exportRoomKeys((session: InboundGroupSession) => {
      found.push(...refOf(session.roomId, session.sessionId));
      session.free();
      // Looked at, and not exported: no key leaves the machine.
      return false;
    });
    return found;
  }

  delete(keys: readonly RoomKeyRef[]): Promise<number> {
    return this.#turns.take(() => this.#delete(keys));
  }

  async clearBesides(): Promise<number> {
    const database = await this.#open();
    try {
      return await changed(database, BUNDLES, async (transaction) => {
        let rows = 0;
        for (const name of BUNDLES) {
          const store = transaction.objectStore(name);
          rows += await answer(store.count());
          store.clear();
        }
        return rows;
      });
    } finally {
      database.close();
    }
  }

  async #delete(keys: readonly RoomKeyRef[]): Promise<number> {
    if (keys.length === 0) return 0;
    const database = await this.#open();
    try {
      const rows: IDBValidKey[] = [];
      for (const key of keys) rows.push(await this.#rowOf(key));
      return await changed(database, [SESSIONS], async (transaction) => {
        const store = transaction.objectStore(SESSIONS);
        const counts = rows.map((row) => answer(store.count(row)));
        for (const row of rows) store.delete(row);
        return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
      });
    } finally {
      database.close();
    }
  }

  async #open(): Promise<IDBDatabase> {
    const request = this.#storage.indexedDB.open(databaseNames(this.#storage.databasePrefix).crypto);
    let isNew = false;
    request.addEventListener("upgradeneeded", () => {
      isNew = true;
      request.transaction?.abort();
    });
    const database = await answer(request).catch((error: unknown) => {
      throw isNew ? new UnknownCryptoStore("there is none") : error;
    });
    // Signing out deletes the database: it must not have to wait for us.
    database.addEventListener("versionchange", () => database.close());
    const missing = [SESSIONS, ...BUNDLES].find((name) => !database.objectStoreNames.contains(name));
    if (database.version === DATABASE_VERSION && missing === undefined) return database;
    database.close();
    throw new UnknownCryptoStore(
      missing === undefined ? `version ${database.version}` : `it has no ${missing}`,
    );
  }

  /**
   * Which row the machine reads for a session: the keys of rows are hashes whose making changes between versions, so
   * the machine is made to look the session up, by an event that can't be decrypted, and the row asked for is noted.
   * Others may read at the same time: then it is asked again, and what was read each time is the one.
   */
  async #rowOf(key: RoomKeyRef): Promise<IDBValidKey> {
    let candidates: ReadonlySet<IDBValidKey> | undefined;
    for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
      const read: ReadonlySet<IDBValidKey> = await this.#rowsReadFor(key);
      const before: ReadonlySet<IDBValidKey> | undefined = candidates;
      candidates = before ? new Set([...before].filter((row) => read.has(row))) : read;
      const [row] = candidates;
      if (row === undefined) break;
      if (candidates.size === 1) return row;
    }
    throw new UnknownCryptoStore("it can't be told which row holds a key");
  }

  async #rowsReadFor({ roomId, sessionId }: RoomKeyRef): Promise<Set<IDBValidKey>> {
    const rows = new Set<IDBValidKey>();
    const event = JSON.stringify({
      type: "m.room.encrypted",
      event_id: "$hearth-look",
      sender: "@nobody:localhost",
      origin_server_ts: 0,
      room_id: roomId,
      content: { algorithm: "m.megolm.v1.aes-sha2", session_id: sessionId, ciphertext: FORGED },
      unsigned: {},
    });
    const settings = new DecryptionSettings(TrustRequirement.Untrusted);
    // oxlint-disable-next-line typescript/unbound-method -- called on whatever object store it is called on
    const get = IDBObjectStore.prototype.get;
    IDBObjectStore.prototype.get = function (query) {
      if (this.name === SESSIONS && !(query instanceof IDBKeyRange)) rows.add(query);
      return get.call(this, query);
    };
    try {
      await this.#crypto.olmMachine.decryptRoomEvent(event, new WasmRoomId(roomId), settings);
      throw new UnknownCryptoStore("it decrypted what is no message");
    } catch (error) {
      if (error instanceof UnknownCryptoStore) throw error;
    } finally {
      IDBObjectStore.prototype.get = get;
    }
    return rows;
  }
}

/** A well-formed Megolm message of 16 zeros, with a MAC and a signature that fit nothing. */
const FORGED = unpaddedBase64(Uint8Array.from([3, 8, 0, 0x12, 16, ...new Uint8Array(16 + 8 + 64)]));

function refOf(roomId: WasmRoomId, sessionId: string): RoomKeyRef[] {
  const parsed = RoomId.safeParse(roomId.toString());
  return parsed.success ? [{ roomId: parsed.data, sessionId }] : [];
}

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(request.error ?? new Error("the request failed")));
  });
}

/** One transaction that is on the disk when this resolves. */
async function changed<T>(
  database: IDBDatabase,
  stores: readonly string[],
  work: (transaction: IDBTransaction) => Promise<T>,
): Promise<T> {
  const transaction = database.transaction([...stores], "readwrite", { durability: "strict" });
  const done = new Promise<void>((resolve, reject) => {
    const failed = () => reject(transaction.error ?? new Error("the transaction was aborted"));
    transaction.addEventListener("complete", () => resolve());
    transaction.addEventListener("abort", failed);
  });
  const [result] = await Promise.all([work(transaction), done]);
  return result;
}
