// Runs in a page. Opens everything that a browser keeps for this origin, whoever put it there and whatever it is.

export type Row = {
  readonly place: string;
  readonly store: string;
  readonly key: unknown;
  readonly value: unknown;
};
export type StoredFile = {
  readonly place: string;
  readonly path: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
};
export type Database = { readonly place: string; readonly name: string; readonly factory: IDBFactory };
export type Gathered = { databases: Database[]; rows: Row[]; files: StoredFile[]; texts: string[] };

type Bucket = {
  readonly indexedDB: IDBFactory;
  readonly caches: CacheStorage;
  getDirectory(): Promise<FileSystemDirectoryHandle>;
};
type Buckets = { keys(): Promise<string[]>; open(name: string): Promise<Bucket> };

export async function gather(): Promise<Gathered> {
  const all: Gathered = { databases: [], rows: [], files: [], texts: [] };
  const origin: Bucket = {
    indexedDB: globalThis.indexedDB,
    caches: globalThis.caches,
    getDirectory: () => navigator.storage.getDirectory(),
  };
  await lookInto("origin", origin, all);
  const buckets = (navigator as { storageBuckets?: Buckets }).storageBuckets;
  for (const name of (await buckets?.keys()) ?? []) {
    const bucket = await buckets?.open(name);
    if (bucket) await lookInto(name, bucket, all);
  }
  for (const storage of [localStorage, sessionStorage])
    for (const [key, value] of Object.entries(storage)) all.texts.push(key, String(value));
  all.texts.push(document.cookie);
  return all;
}

async function lookInto(place: string, bucket: Bucket, all: Gathered): Promise<void> {
  const { indexedDB: factory } = bucket;
  for (const { name } of await factory.databases()) {
    if (name === undefined) continue;
    all.databases.push({ place, name, factory });
    all.rows.push(...(await rowsOf(place, factory, name)));
  }
  await readFolder(place, "", await bucket.getDirectory(), all.files);
  for (const name of await bucket.caches.keys()) {
    const cache = await bucket.caches.open(name);
    for (const request of await cache.keys())
      all.texts.push(request.url, (await (await cache.match(request))?.text()) ?? "");
  }
}

async function rowsOf(place: string, factory: IDBFactory, name: string): Promise<Row[]> {
  const database = await done(factory.open(name));
  const rows: Row[] = [];
  for (const store of database.objectStoreNames) {
    const source = database.transaction(store).objectStore(store);
    const [keys, values] = await Promise.all([done(source.getAllKeys()), done(source.getAll())]);
    for (const [i, key] of keys.entries())
      rows.push({ place, store: `${name}/${store}`, key, value: values[i] as unknown });
  }
  database.close();
  return rows;
}

async function readFolder(
  place: string,
  path: string,
  folder: FileSystemDirectoryHandle,
  files: StoredFile[],
): Promise<void> {
  const entries = folder as unknown as AsyncIterable<[string, FileSystemHandle]>;
  for await (const [name, handle] of entries) {
    if (handle.kind === "directory")
      await readFolder(place, `${path}${name}/`, handle as FileSystemDirectoryHandle, files);
    else {
      const file = await (handle as FileSystemFileHandle).getFile();
      files.push({ place, path: path + name, bytes: new Uint8Array(await file.arrayBuffer()) });
    }
  }
}

export function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(request.error ?? new Error("failed")));
  });
}

/** Every run of bytes and every text in a value, however deep. */
export function* leaves(value: unknown): Generator<Uint8Array<ArrayBuffer> | string> {
  if (typeof value === "string") yield value;
  else if (value instanceof ArrayBuffer) yield new Uint8Array(value);
  else if (ArrayBuffer.isView(value))
    yield new Uint8Array(value.buffer as ArrayBuffer, value.byteOffset, value.byteLength);
  else if (Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === "number"))
    yield new Uint8Array(value);
  else if (typeof value === "object" && value !== null)
    for (const each of Object.values(value)) yield* leaves(each);
}
