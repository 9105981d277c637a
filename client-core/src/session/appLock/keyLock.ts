import { base64url, fromBase64url } from "@hearth/protocol";
import { z } from "zod";
import { newRootKey } from "../storage/rootKey.ts";
import { SafeFile } from "../storage/safeFile.ts";
import { destroyRootKey } from "../storage/storage.ts";
import type { SessionStorage } from "../storage/storage.ts";
import { MOST_STRETCHING, SALT_BYTES, STRETCHING, passphraseKey, wrappingKey } from "./passphraseKey.ts";
import type { Stretching } from "./passphraseKey.ts";

const Bytes = z.string().transform((text, context) => {
  const bytes = fromBase64url(text);
  if (bytes) return bytes;
  context.addIssue("not base64url");
  return z.NEVER;
});
const Wrapped = z.object({ iv: Bytes, data: Bytes });
const LockRecord = z.object({
  v: z.literal(1),
  passphrase: z.object({
    memoryKiB: z.int().min(8).max(MOST_STRETCHING.memoryKiB),
    passes: z.int().min(1).max(MOST_STRETCHING.passes),
    lanes: z.int().min(1).max(MOST_STRETCHING.lanes),
    salt: Bytes,
    key: Wrapped,
  }),
  /** The same lock key under what a passkey gives for `salt` (WebAuthn's `prf`). */
  passkey: z.object({ credentialId: z.string(), salt: Bytes, key: Wrapped }).optional(),
  root: Wrapped,
});
export type Wrapped = z.infer<typeof Wrapped>;
/** What lies on the disk in the place of the root key: its lock key under each way to open it, and the root key under that. */
export type LockRecord = z.infer<typeof LockRecord>;

/** A session's storage whose root key was unlocked: reading and writing it goes through the lock. */
export type UnlockedStorage = SessionStorage & {
  readonly locked: SessionStorage;
  /** As it lies on the disk now. */
  record(): LockRecord;
  /** The same after the record was written anew, with the same lock key. */
  under(record: LockRecord): UnlockedStorage;
};

export function isUnlocked(storage: SessionStorage): storage is UnlockedStorage {
  return "locked" in storage;
}

/** The same place without the key of its lock. */
export function lockedForm(storage: SessionStorage): SessionStorage {
  return isUnlocked(storage) ? storage.locked : storage;
}

/** @returns undefined when the root key is under no lock. Where one stands beside the plain key, the lock counts. */
export async function readLock(storage: SessionStorage): Promise<LockRecord | undefined> {
  const bytes = await new SafeFile(storage.files, "lock").read();
  return bytes && LockRecord.parse(JSON.parse(new TextDecoder().decode(bytes)));
}

/**
 * Puts the root key under a passphrase. It counts from the moment at which the lock stands whole on the disk; then the
 * plain key is overwritten where it lies. Killed in between, `finishLocking` at the next start goes on.
 */
export async function lockRootKey(
  storage: SessionStorage,
  passphrase: string,
  stretching: Stretching = STRETCHING,
): Promise<UnlockedStorage> {
  const rootKey = await storage.rootKey.read();
  if (!rootKey) throw new Error("there is no root key to lock");
  const { record, lockKey } = await newLock(rootKey, passphrase, stretching);
  await writeLock(storage, record);
  await finishLocking(storage);
  return unlocked(storage, record, lockKey);
}

/** What a kill can leave of turning a lock on or off: the plain key beside the lock. */
export function finishLocking(storage: SessionStorage): Promise<void> {
  return storage.rootKey.destroy();
}

/** @returns undefined when the passphrase is another one */
export async function openByPassphrase(
  storage: SessionStorage,
  record: LockRecord,
  passphrase: string,
): Promise<UnlockedStorage | undefined> {
  const { salt, key } = record.passphrase;
  const lockKey = await unwrap(await passphraseKey(passphrase, salt, record.passphrase), key, "passphrase");
  return lockKey && unlocked(storage, record, await wrappingKey(lockKey));
}

/** Another passphrase, and another lock key, so that an old copy of the file opens nothing that is written from now on. */
export async function changePassphrase(
  storage: UnlockedStorage,
  passphrase: string,
  stretching: Stretching = STRETCHING,
): Promise<UnlockedStorage> {
  const rootKey = await storage.rootKey.read();
  if (!rootKey) throw new Error("the root key could not be unlocked");
  const { record, lockKey } = await newLock(rootKey, passphrase, stretching);
  await writeLock(storage.locked, record);
  return unlocked(storage.locked, record, lockKey);
}

/** The plain key is written whole before the lock goes: killed in between, the lock still counts. */
export async function unlockForGood(storage: UnlockedStorage): Promise<SessionStorage> {
  const rootKey = await storage.rootKey.read();
  if (!rootKey) throw new Error("the root key could not be unlocked");
  await storage.locked.rootKey.write(rootKey);
  rootKey.fill(0);
  await new SafeFile(storage.files, "lock").destroy();
  await new SafeFile(storage.files, "lock-notes").destroy();
  return storage.locked;
}

/** Lets a passkey open the lock as well. @param prf the 32 bytes that it gives for `salt`; zeroed */
export async function addPasskey(
  storage: SessionStorage,
  record: LockRecord,
  passphrase: string,
  passkey: { credentialId: string; salt: Uint8Array<ArrayBuffer>; prf: Uint8Array<ArrayBuffer> },
): Promise<UnlockedStorage | undefined> {
  const { salt, key } = record.passphrase;
  const lockKey = await unwrap(await passphraseKey(passphrase, salt, record.passphrase), key, "passphrase");
  if (!lockKey) return undefined;
  const { credentialId, salt: prfSalt, prf } = passkey;
  const wrapped = await wrap(await wrappingKey(prf), lockKey, "passkey");
  const withPasskey = { ...record, passkey: { credentialId, salt: prfSalt, key: wrapped } };
  await writeLock(storage, withPasskey);
  return unlocked(storage, withPasskey, await wrappingKey(lockKey));
}

/** The passphrase alone opens it from now on. */
export async function removePasskey(storage: UnlockedStorage): Promise<UnlockedStorage> {
  const { passkey: _, ...record } = storage.record();
  await writeLock(storage.locked, record);
  return storage.under(record);
}

/** @param prf zeroed @returns undefined when it is not the passkey that was added */
export async function openByPasskey(
  storage: SessionStorage,
  record: LockRecord,
  prf: Uint8Array<ArrayBuffer>,
): Promise<UnlockedStorage | undefined> {
  const { passkey } = record;
  const lockKey = passkey && (await unwrap(await wrappingKey(prf), passkey.key, "passkey"));
  return lockKey && unlocked(storage, record, await wrappingKey(lockKey));
}

async function newLock(
  rootKey: Uint8Array<ArrayBuffer>,
  passphrase: string,
  stretching: Stretching,
): Promise<{ record: LockRecord; lockKey: CryptoKey }> {
  const salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES));
  const bytes = newRootKey();
  const key = await wrap(await passphraseKey(passphrase, salt, stretching), bytes, "passphrase");
  const lockKey = await wrappingKey(bytes);
  const root = await wrap(lockKey, rootKey, "root");
  rootKey.fill(0);
  return { record: { v: 1, passphrase: { ...stretching, salt, key }, root }, lockKey };
}

function unlocked(locked: SessionStorage, first: LockRecord, lockKey: CryptoKey): UnlockedStorage {
  let record = first;
  return {
    ...locked,
    locked,
    record: () => record,
    under: (next) => unlocked(locked, next, lockKey),
    rootKey: {
      read: () => unwrap(lockKey, record.root, "root"),
      write: async (rootKey) => {
        const next = { ...record, root: await wrap(lockKey, rootKey, "root") };
        await writeLock(locked, next);
        record = next;
      },
      destroy: () => destroyRootKey(locked),
    },
    ...(locked.successor
      ? { successor: async () => takeAlong(locked, await locked.successor?.(), record, lockKey) }
      : {}),
  };
}

/** Where a session moves to, its root key comes under the same lock, with what was noted beside it. */
async function takeAlong(
  from: SessionStorage,
  to: SessionStorage | undefined,
  record: LockRecord,
  lockKey: CryptoKey,
): Promise<UnlockedStorage> {
  if (!to) throw new Error("this session can't be moved");
  const notes = await new SafeFile(from.files, "lock-notes").read();
  if (notes) await new SafeFile(to.files, "lock-notes").write(notes);
  return unlocked(to, record, lockKey);
}

async function writeLock(storage: SessionStorage, record: LockRecord): Promise<void> {
  const text = JSON.stringify(record, (_key, value: unknown) =>
    value instanceof Uint8Array ? base64url(value) : value,
  );
  await new SafeFile(storage.files, "lock").write(new TextEncoder().encode(text));
}

async function wrap(key: CryptoKey, bytes: Uint8Array<ArrayBuffer>, use: string): Promise<Wrapped> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  return { iv, data: new Uint8Array(await crypto.subtle.encrypt(algorithm(iv, use), key, bytes)) };
}

/** @returns undefined for another key */
async function unwrap(
  key: CryptoKey,
  { iv, data }: Wrapped,
  use: string,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return new Uint8Array(await crypto.subtle.decrypt(algorithm(iv, use), key, data));
  } catch {
    return undefined;
  }
}

/** What is wrapped for one use opens for no other. */
const algorithm = (iv: Uint8Array<ArrayBuffer>, use: string) => ({
  name: "AES-GCM",
  iv,
  additionalData: new TextEncoder().encode(`org.hearth.app-lock.${use}`),
});
