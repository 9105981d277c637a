import type { Environment } from "../environment.ts";
import { EncryptedRecords } from "../../store/records.ts";
import type { StoredChange } from "../../store/records.ts";
import type { HeaderValues } from "../storage/sealedHeader.ts";
import { within } from "../../work/runningTime.ts";
import { STEP_TIMEOUT_MS } from "../signOut.ts";
import { copyDatabase, untilUnused } from "../storage/copyDatabase.ts";
import { deriveKeys, newRootKey } from "../storage/rootKey.ts";
import { databaseNames, destroyRootKey } from "../storage/storage.ts";
import type { SessionStorage } from "../storage/storage.ts";
import type { RotationRecord } from "./due.ts";
import type { Clock } from "../../work/clock.ts";

/** How long the crypto library may take to let go of its store after it was stopped. */
const RELEASE_LIMIT_MS = 10_000;

/**
 * [P3] Moves a session into a fresh place under a new root key and deletes the old one, files and all: a browser's files
 * keep deleted rows for long, and this is how they go.
 *
 * The root key of the new place is written last and makes it the session's: whoever is killed before that finds the
 * old place at the next start, whoever is killed afterwards the new one, and what is not the session's is deleted.
 * Records are encrypted anew. The crypto store's rows are copied as they are, and so is its key, as a record: the
 * library has no way to change it.
 * @param from must not be in use; its crypto store must exist
 * @param noted what stands in the new place about this storage rotation
 * @param signal stops it between two batches, with nothing changed
 * @returns the new place
 * @throws when it could not be done: `from` is the session's as before
 */
export async function rotate(
  from: SessionStorage,
  noted: RotationRecord,
  signal: AbortSignal,
  { clock, log }: Pick<Environment, "clock" | "log">,
): Promise<SessionStorage> {
  const rootKey = await from.rootKey.read();
  const to = await from.successor?.();
  if (!rootKey || !to) throw new Error("this session can't be rotated");
  try {
    await copyAll(from, to, await deriveKeys(rootKey), noted, signal, clock);
  } catch (error) {
    await to.delete();
    throw error;
  }
  try {
    await destroyRootKey(from);
    await within(clock, STEP_TIMEOUT_MS, from.delete());
  } catch (error) {
    // No way back from here: the new place is the session's, and the next start tries again to delete the old one.
    log("warn", "the place that was rotated could not be deleted", error);
  }
  return to;
}

/**
 * What lies in the sealed header where the server has a half of the root key, and among the records where it has none.
 * @returns what changes among the new records
 */
async function throughHeader(
  from: SessionStorage,
  to: SessionStorage,
  source: EncryptedRecords,
): Promise<StoredChange[]> {
  const keys = ["account", "tokens", "lease"] as const;
  if (from.header && !to.header) {
    const { values } = from.header;
    return keys.map((key): StoredChange => ({ collection: "session", key, value: values[key] }));
  }
  if (!to.header) return [];
  if (!from.header) {
    const [account, tokens, lease] = await Promise.all(keys.map((key) => source.get("session", key)));
    if (account && tokens)
      await to.header.save({ account, tokens, ...(lease ? { lease } : {}) } as HeaderValues);
  }
  return keys.map((key): StoredChange => ({ collection: "session", key, remove: true }));
}

async function copyAll(
  from: SessionStorage,
  to: SessionStorage,
  keys: Awaited<ReturnType<typeof deriveKeys>>,
  noted: RotationRecord,
  signal: AbortSignal,
  clock: Clock,
): Promise<void> {
  const names = databaseNames(from.databasePrefix);
  const newNames = databaseNames(to.databasePrefix);
  for (const database of ["crypto", "cryptoMeta"] as const) {
    const source = { factory: from.indexedDB, name: names[database] };
    await untilUnused(source, RELEASE_LIMIT_MS, clock);
    await copyDatabase(source, { factory: to.indexedDB, name: newNames[database] }, signal);
  }

  const newKey = newRootKey();
  const newKeys = await deriveKeys(newKey.slice());
  newKeys.cryptoStoreKey.fill(0);
  const source = await EncryptedRecords.open(from.indexedDB, from.databasePrefix, keys);
  try {
    const target = await EncryptedRecords.open(to.indexedDB, to.databasePrefix, newKeys);
    try {
      await source.copyTo(target, signal);
      const kept = await source.get<number[]>("session", "crypto-key");
      await target.write([
        { collection: "session", key: "crypto-key", value: kept ?? [...keys.cryptoStoreKey] },
        { collection: "session", key: "rotation", value: noted },
        ...(await throughHeader(from, to, source)),
      ]);
    } finally {
      target.close();
    }
  } finally {
    source.close();
    keys.cryptoStoreKey.fill(0);
  }
  signal.throwIfAborted();
  await to.rootKey.write(newKey);
  newKey.fill(0);
}
