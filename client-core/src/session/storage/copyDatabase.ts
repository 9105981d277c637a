import { wrap } from "idb";
import type { IDBPDatabase } from "idb";
import { closeConnections } from "../../sdk/connections.ts";
import type { Clock, Stop } from "../../work/clock.ts";

type Place = { readonly factory: IDBFactory; readonly name: string };
export type StoreLayout = {
  readonly name: string;
  readonly options: IDBObjectStoreParameters;
  readonly indexes: readonly {
    readonly name: string;
    readonly keyPath: string | string[];
    readonly options: IDBIndexParameters;
  }[];
};

const ROWS_AT_ONCE = 200;
/** Higher than any version that a library uses. */
const NO_VERSION = 2 ** 31;

/**
 * Copies a database row by row: its version, object stores, indexes and keys, some rows at a time. What is in it means
 * nothing to this function.
 * @param to must not exist
 * @throws when `from` does not exist, or the copy has not as many rows; what `signal` was aborted with
 */
export async function copyDatabase(from: Place, to: Place, signal: AbortSignal): Promise<void> {
  const source = await openThere(from);
  try {
    const layout = readLayout(source);
    const target = await create(to, source.version, layout);
    try {
      for (const { name } of layout) await copyRows(source, target, name, signal);
    } finally {
      target.close();
    }
  } finally {
    source.close();
  }
}

/**
 * Waits until nobody holds a database open any more: what was being written is then written, and nothing follows. Asking
 * for another version is what the standard has for it; the question is taken back before it changes anything. But it can't be
 * taken back while it waits, and whoever opens the database meanwhile waits behind it: so halfway, what `recordConnections`
 * knows of is closed.
 * @throws when others hold it longer than `limitMs`
 */
export async function untilUnused({ factory, name }: Place, limitMs: number, clock: Clock): Promise<void> {
  const request = factory.open(name, NO_VERSION);
  request.addEventListener("upgradeneeded", () => request.transaction?.abort());
  const stopHalfway = clock.after(limitMs / 2, () => closeConnections(factory, name));
  let stopWaiting: Stop = () => {};
  await new Promise<void>((resolve, reject) => {
    stopWaiting = clock.after(limitMs, () => reject(new Error(`${name} is still in use`)));
    request.addEventListener("error", () =>
      request.error?.name === "AbortError" ? resolve() : reject(request.error ?? new Error(name)),
    );
    request.addEventListener("success", () => {
      request.result.close();
      reject(new Error(`${name} was opened in a version that nobody has`));
    });
  }).finally(() => {
    stopHalfway();
    stopWaiting();
  });
}

/** @throws when there is no such database */
export function openThere({ factory, name }: Place): Promise<IDBPDatabase> {
  const request = factory.open(name);
  request.addEventListener("upgradeneeded", () => request.transaction?.abort());
  return opened(request);
}

/** A database's object stores with their indexes, without a row. */
export function readLayout(database: IDBPDatabase): StoreLayout[] {
  const names = [...database.objectStoreNames];
  if (names.length === 0) return [];
  const transaction = database.transaction(names);
  return names.map((name) => {
    const store = transaction.objectStore(name);
    const indexes = [...store.indexNames].map((indexName) => {
      const { keyPath, unique, multiEntry } = store.index(indexName);
      return { name: indexName, keyPath, options: { unique, multiEntry } };
    });
    return { name, options: { keyPath: store.keyPath, autoIncrement: store.autoIncrement }, indexes };
  });
}

/** Makes a database that is not there yet, empty. */
export function create(place: Place, version: number, layout: readonly StoreLayout[]): Promise<IDBPDatabase> {
  const request = place.factory.open(place.name, version);
  request.addEventListener("upgradeneeded", () => {
    for (const { name, options, indexes } of layout) {
      const store = request.result.createObjectStore(name, options);
      for (const index of indexes) store.createIndex(index.name, index.keyPath, index.options);
    }
  });
  return opened(request);
}

async function copyRows(
  source: IDBPDatabase,
  target: IDBPDatabase,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  let after: IDBValidKey | undefined;
  for (;;) {
    signal.throwIfAborted();
    const range = after === undefined ? undefined : IDBKeyRange.lowerBound(after, true);
    const { store } = source.transaction(name);
    const inline = store.keyPath !== null;
    const [keys, values] = await Promise.all([
      store.getAllKeys(range, ROWS_AT_ONCE),
      store.getAll(range, ROWS_AT_ONCE) as Promise<unknown[]>,
    ]);
    after = keys.at(-1);
    if (after === undefined) break;
    const writing = target.transaction(name, "readwrite", { durability: "strict" });
    // A failed put aborts the transaction, whose `done` says why.
    for (const [i, key] of keys.entries())
      (inline ? writing.store.put(values[i]) : writing.store.put(values[i], key)).catch(() => {});
    await writing.done;
  }
  const [before, copied] = await Promise.all([source.count(name), target.count(name)]);
  if (before !== copied) throw new Error(`${copied} rows of ${before} in the copy of ${name}`);
}

/** `wrap` gives an open request's promise the type that a request in general has. */
function opened(request: IDBOpenDBRequest): Promise<IDBPDatabase> {
  return wrap(request) as unknown as Promise<IDBPDatabase>;
}
