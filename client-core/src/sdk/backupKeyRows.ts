import { databaseNames } from "../session/storage/storage.ts";
import type { SessionStorage } from "../session/storage/storage.ts";

/** Where the crypto store (database version 107) keeps the backup's decryption key and version, and nothing else. */
const STORE = "backup_keys";

/**
 * Deletes the backup's decryption key from this device. The crypto machine reads it from the store whenever it needs
 * it, and has no call for deleting it.
 * @returns how many rows it were: their bytes stay in a browser's files until the storage is rotated
 * @throws when the crypto store is not built as this version of the SDK builds it
 */
export async function deleteBackupKeyRows({ indexedDB, databasePrefix }: SessionStorage): Promise<number> {
  const database = await done(indexedDB.open(databaseNames(databasePrefix).crypto));
  try {
    if (!database.objectStoreNames.contains(STORE)) throw new Error(`the crypto store has no ${STORE}`);
    const transaction = database.transaction(STORE, "readwrite");
    const committed = new Promise<void>((resolve, reject) => {
      transaction.addEventListener("complete", () => resolve());
      transaction.addEventListener("abort", () => reject(transaction.error ?? new Error("aborted")));
    });
    const store = transaction.objectStore(STORE);
    const rows = done(store.count());
    store.clear();
    await committed;
    return await rows;
  } finally {
    database.close();
  }
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(request.error ?? new Error("a request failed")));
  });
}
