import {
  CATALOGUE,
  readContent,
  recordAt,
  rowsToClear,
  type AnyRecord,
  type Clearing,
  type Unreadable,
} from "@hearth/protocol";
import { openDB } from "idb";
import type { IDBPDatabase } from "idb";
import type { Collection, Records } from "../session/api.ts";
import { databaseNames } from "../session/storage/storage.ts";
import type { SessionKeys } from "../session/storage/rootKey.ts";

/**
 * `session` holds what the workspace must not see: tokens, a join that is under way. `unreadable` what no version of a
 * record fits, and what was to be written in its place.
 */
export type StoredCollection = Collection | "session" | "unreadable";
const CATALOGUED: readonly AnyRecord[] = [...CATALOGUE.records.values()];
/** Raised with every collection that is added: stores of earlier versions get those that they lack. */
const VERSION = 4;

const COPIED_AT_ONCE = 50;

export type StoredChange =
  | { readonly collection: StoredCollection; readonly key: string; readonly value: unknown }
  | {
      readonly collection: StoredCollection;
      readonly key: string;
      readonly value?: undefined;
      readonly remove: true;
    };

/** A record that can't be read by this version, and stays as it is. Neither says anything of what is in it. */
export type UnreadableRecord = {
  readonly collection: string;
  /** What its definition calls it; undefined for a place that this version knows nothing of. */
  readonly label: string | undefined;
  readonly reason: Unreadable | "unknown";
};

type Aside = {
  readonly collection: StoredCollection;
  readonly key: string;
  readonly value?: unknown;
  readonly at?: number;
};

/** A row as the disk sees it: a keyed hash, and ciphertext. */
type Row = { name: ArrayBuffer; iv: Uint8Array<ArrayBuffer>; data: ArrayBuffer };

/**
 * The device's own store of derived data. A value is JSON under AES-256-GCM, bound to its collection and name; a name
 * is an HMAC. So the files show how many records there are and how long, and nothing else.
 */
export class EncryptedRecords implements Records {
  readonly #database: IDBPDatabase;
  readonly #keys: SessionKeys;
  readonly #defined: readonly AnyRecord[];
  /** Those met so far, by collection and key: they are shown, and put aside before anything takes their place. */
  readonly #unreadable = new Map<string, UnreadableRecord & { readonly key: string }>();
  #onUnreadable: ((record: UnreadableRecord) => void) | undefined;
  /** Writes land in the order in which they were asked for, although encrypting takes its time. */
  #lastWrite: Promise<void> = Promise.resolve();

  private constructor(database: IDBPDatabase, keys: SessionKeys, defined: readonly AnyRecord[]) {
    this.#database = database;
    this.#keys = keys;
    this.#defined = defined;
  }

  /** @param defined which kinds of records there are, in which versions: those of the catalogue, except for a test */
  static async open(
    factory: IDBFactory,
    prefix: string,
    keys: SessionKeys,
    defined = CATALOGUED,
  ): Promise<EncryptedRecords> {
    const collections = new Set(defined.flatMap(({ stored }) => (stored ? [stored.collection] : [])));
    const database = await withFactory(factory, () =>
      openDB(databaseNames(prefix).records, VERSION, {
        upgrade(db) {
          for (const collection of collections)
            if (!db.objectStoreNames.contains(collection))
              db.createObjectStore(collection, { keyPath: "name" });
        },
      }),
    );
    return new EncryptedRecords(database, keys, defined);
  }

  async get<T>(collection: StoredCollection, key: string): Promise<T | undefined> {
    const row = (await this.#database.get(collection, await this.#name(collection, key))) as Row | undefined;
    return row && (this.#read(collection, await this.#open(collection, row))?.value as T | undefined);
  }

  async all<T>(collection: StoredCollection): Promise<{ key: string; value: T }[]> {
    const rows = (await this.#database.getAll(collection)) as Row[];
    const opened = await Promise.all(rows.map((row) => this.#open(collection, row)));
    return opened.flatMap((row) => {
      const read = this.#read(collection, row);
      return read ? [{ key: row.key, value: read.value as T }] : [];
    });
  }

  /** Whether anything that was asked for so far could not be read. */
  get hasUnreadable(): boolean {
    return this.#unreadable.size > 0;
  }

  /** Tells of each record that can't be read, also of those met before. */
  onUnreadable(listener: (record: UnreadableRecord) => void): void {
    this.#onUnreadable = listener;
    for (const { key: _, ...record } of this.#unreadable.values()) listener(record);
  }

  async write(changes: readonly StoredChange[]): Promise<void> {
    const previous = this.#lastWrite;
    const written = this.#encryptAndWrite(changes, previous);
    this.#lastWrite = written.catch(() => {});
    await written;
  }

  /** Writes every record into another store, under that one's keys, some at a time. @throws what `signal` was aborted with */
  async copyTo(target: EncryptedRecords, signal: AbortSignal): Promise<void> {
    for (const collection of this.#database.objectStoreNames as Iterable<StoredCollection>) {
      let after: IDBValidKey | undefined;
      for (;;) {
        signal.throwIfAborted();
        const range = after === undefined ? undefined : IDBKeyRange.lowerBound(after, true);
        const rows = (await this.#database.getAll(collection, range, COPIED_AT_ONCE)) as Row[];
        const opened = await Promise.all(rows.map((row) => this.#open(collection, row)));
        await target.write(opened.map(({ key, value }) => ({ collection, key, value })));
        after = rows.at(-1)?.name;
        if (after === undefined) break;
      }
    }
  }

  /**
   * Removes the records that the table says are deleted then; whole rows only. Safe to repeat.
   * @returns how many rows it were
   */
  async clear(clearing: Clearing): Promise<number> {
    const collections = new Set(
      this.#defined.flatMap(({ stored, fates }) =>
        stored && fates[clearing] === "deleted" ? [stored.collection] : [],
      ),
    );
    const present = await Promise.all(
      [...collections].map(async (collection) => {
        const rows = (await this.#database.getAll(collection)) as Row[];
        return Promise.all(
          rows.map(async (row) => ({ collection, key: (await this.#open(collection, row)).key })),
        );
      }),
    );
    const { gone, unknown } = rowsToClear(clearing, present.flat(), this.#defined);
    for (const { collection, key } of unknown) this.#read(collection, { key, value: undefined });
    await this.write(
      gone.map(({ collection, key }) => ({ collection: collection as StoredCollection, key, remove: true })),
    );
    return gone.length;
  }

  /**
   * [P3] What can't be read can't be folded without its past: what may speak of the people served goes as a whole, a window
   * after this device first met it.
   * @param isPast whether what was met then (ms since 1970) is past the key window
   */
  async forgetUnreadable(now: number, isPast: (at: number) => boolean): Promise<void> {
    const changes: StoredChange[] = [];
    const noted = await this.all<Aside>("unreadable");
    for (const { key, value } of noted) {
      if (value.at === undefined)
        changes.push({ collection: "unreadable", key, value: { ...value, at: now } });
      else if (isPast(value.at)) {
        changes.push({ collection: "unreadable", key, remove: true });
        // Not told of any more, so that nothing puts it aside once more.
        const isInPlace = !("value" in value) && this.#unreadable.delete(`${value.collection}\0${value.key}`);
        if (isInPlace) changes.push({ collection: value.collection, key: value.key, remove: true });
      }
    }
    const known = new Set(noted.map(({ key }) => key));
    for (const { collection, key } of this.#unreadable.values()) {
      const sensitive = (recordAt(this.#defined, collection, key)?.row.kind ?? "sensitive") === "sensitive";
      if (sensitive && !known.has(`${collection} ${key}`))
        changes.push({
          collection: "unreadable",
          key: `${collection} ${key}`,
          value: { collection, key, at: now },
        });
    }
    await this.write(changes);
  }

  close(): void {
    this.#database.close();
  }

  async #encryptAndWrite(changes: readonly StoredChange[], previous: Promise<void>): Promise<void> {
    const prepared = await Promise.all(
      changes.map(async (change) => {
        const name = await this.#name(change.collection, change.key);
        return { change, name, row: "remove" in change ? undefined : await this.#seal(change, name) };
      }),
    );
    await previous;
    if (prepared.length === 0) return;
    const aside = await this.#putAside(changes);
    const stores = [
      ...new Set([...changes, ...aside.map(({ change }) => change)].map((one) => one.collection)),
    ];
    const transaction = this.#database.transaction(stores, "readwrite", { durability: "strict" });
    // A failed put aborts the transaction, whose `done` says why: nobody else needs to hear of the single requests.
    for (const { change, name, row } of [...aside, ...prepared]) {
      const store = transaction.objectStore(change.collection);
      (row ? store.put(row) : store.delete(name)).catch(() => {});
    }
    await transaction.done;
    for (const { collection, key } of changes) this.#unreadable.delete(`${collection}\0${key}`);
  }

  /** What is about to be replaced, or removed, and could not be read: it may be worth something to another version. */
  async #putAside(changes: readonly StoredChange[]) {
    const met = changes.filter(({ collection, key }) => this.#unreadable.has(`${collection}\0${key}`));
    const kept = await Promise.all(
      met.map(async ({ collection, key }) => {
        const row = (await this.#database.get(collection, await this.#name(collection, key))) as
          | Row
          | undefined;
        if (!row) return [];
        const { value } = await this.#open(collection, row);
        const aside = `${collection} ${key}`;
        const at = (await this.get<Aside>("unreadable", aside))?.at;
        const change = {
          collection: "unreadable",
          key: aside,
          value: { collection, key, value, ...(at === undefined ? {} : { at }) },
        } as const;
        const name = await this.#name(change.collection, change.key);
        return [{ change, name, row: await this.#seal(change, name) }];
      }),
    );
    return kept.flat();
  }

  /** @returns undefined for what no version fits: it stays where it is, and is told of */
  #read(collection: string, { key, value }: { key: string; value: unknown }): { value: unknown } | undefined {
    const definition = recordAt(this.#defined, collection, key);
    const read = definition ? readContent(definition, value) : ({ ok: false, reason: "unknown" } as const);
    if (read.ok) return { value: read.content };
    const id = `${collection}\0${key}`;
    if (this.#unreadable.has(id)) return undefined;
    const record = { collection, label: definition?.words.label, reason: read.reason };
    this.#unreadable.set(id, { ...record, key });
    this.#onUnreadable?.(record);
    return undefined;
  }

  async #name(collection: StoredCollection, key: string): Promise<ArrayBuffer> {
    const bytes = new TextEncoder().encode(`${collection}\0${key}`);
    return crypto.subtle.sign("HMAC", this.#keys.recordNameKey, bytes);
  }

  async #seal(change: { key: string; value: unknown; collection: string }, name: ArrayBuffer): Promise<Row> {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const plain = new TextEncoder().encode(JSON.stringify({ key: change.key, value: change.value }));
    const algorithm = { name: "AES-GCM", iv, additionalData: label(change.collection, name) };
    return { name, iv, data: await crypto.subtle.encrypt(algorithm, this.#keys.recordsKey, plain) };
  }

  async #open(collection: string, row: Row): Promise<{ key: string; value: unknown }> {
    const algorithm = { name: "AES-GCM", iv: row.iv, additionalData: label(collection, row.name) };
    const plain = await crypto.subtle.decrypt(algorithm, this.#keys.recordsKey, row.data);
    return JSON.parse(new TextDecoder().decode(plain)) as { key: string; value: unknown };
  }
}

/** Ties a ciphertext to its place, so that rows exchanged on disk don't open. */
function label(collection: string, name: ArrayBuffer): Uint8Array<ArrayBuffer> {
  const prefix = new TextEncoder().encode(`${collection}\0`);
  const bytes = new Uint8Array(prefix.length + name.byteLength);
  bytes.set(prefix);
  bytes.set(new Uint8Array(name), prefix.length);
  return bytes;
}

/** `idb` opens on the global `indexedDB` and nowhere else; the call that reads it is the first, synchronous one. */
function withFactory<T>(factory: IDBFactory, work: () => T): T {
  const before = Object.getOwnPropertyDescriptor(globalThis, "indexedDB");
  Object.defineProperty(globalThis, "indexedDB", { value: factory, configurable: true, writable: true });
  try {
    return work();
  } finally {
    if (before) Object.defineProperty(globalThis, "indexedDB", before);
    else delete (globalThis as { indexedDB?: unknown }).indexedDB;
  }
}
