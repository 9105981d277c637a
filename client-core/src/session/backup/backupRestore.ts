import type { Backend } from "../../sdk/patches.ts";
import type { KeyBackupInfo, KeyBackupSession } from "../../sdk/names.ts";
import { HttpFailure } from "../api.ts";
import type { SignedInSession } from "../api.ts";
import { letOthersGo } from "../../work/clock.ts";

/** What is done of a restore; kept so that the next start goes on with it. */
export type RestoreRecord = {
  readonly version: string;
  readonly rooms: readonly string[];
  readonly restored: number;
  readonly done: boolean;
};

export type Restore = {
  readonly crypto: Backend;
  readonly request: SignedInSession["request"];
  readonly info: KeyBackupInfo & { readonly version: string };
  /** The backup's decryption key. */
  readonly key: Uint8Array<ArrayBuffer>;
  readonly rooms: () => readonly string[];
  readonly before: RestoreRecord | undefined;
  readonly keep: (record: RestoreRecord) => Promise<void>;
  readonly onProgress: (restored: number, total: number) => void;
  readonly signal: AbortSignal;
};

/** Keys decrypted and stored in one go. Whoever waits for this thread waits no longer than for these. */
const CHUNK = 50;
/** Rooms between two notes of how far it came. */
const NOTED_EVERY = 10;

/**
 * Brings the backed-up keys of this person's rooms to this device, room by room, so that memory is bounded by the
 * largest room and an interruption costs a few rooms' work. Keys of rooms that they have left stay in the backup.
 * @returns how many keys were stored, earlier runs included
 * @throws HttpFailure when the server can't be reached or has no such backup any more; the signal's reason
 */
export async function restoreBackup(restore: Restore): Promise<number> {
  const { crypto, info, before, signal } = restore;
  const same = before?.version === info.version ? before : undefined;
  const done = new Set(same?.rooms);
  const decryptor = await crypto.getBackupDecryptor(info, restore.key);
  const total = info.count ?? 0;
  let restored = same?.restored ?? 0;
  try {
    restore.onProgress(restored, Math.max(total, restored));
    for (let room = next(restore, done); room !== undefined; room = next(restore, done)) {
      const sessions = Object.entries(await roomKeys(restore, room));
      for (let from = 0; from < sessions.length; from += CHUNK) {
        signal.throwIfAborted();
        const chunk = Object.fromEntries(sessions.slice(from, from + CHUNK));
        const keys = await decryptor.decryptSessions(chunk);
        for (const key of keys) key.room_id = room;
        await crypto.importBackedUpRoomKeys(keys, info.version);
        restored += keys.length;
        restore.onProgress(restored, Math.max(total, restored));
        await letOthersGo();
      }
      done.add(room);
      if (done.size % NOTED_EVERY === 0)
        await restore.keep({ version: info.version, rooms: [...done], restored, done: false });
    }
    signal.throwIfAborted();
    await restore.keep({ version: info.version, rooms: [], restored, done: true });
    return restored;
  } finally {
    decryptor.free();
  }
}

function next(restore: Restore, done: ReadonlySet<string>): string | undefined {
  restore.signal.throwIfAborted();
  return restore.rooms().find((room) => !done.has(room));
}

async function roomKeys(restore: Restore, room: string): Promise<Record<string, KeyBackupSession>> {
  const path = `/_matrix/client/v3/room_keys/keys/${encodeURIComponent(room)}?version=${restore.info.version}`;
  try {
    const { signal } = restore;
    const answer = await restore.request<{ sessions?: Record<string, KeyBackupSession> }>(
      "GET",
      path,
      undefined,
      { signal },
    );
    return answer.sessions ?? {};
  } catch (error) {
    if (error instanceof HttpFailure && error.errcode === "M_NOT_FOUND") return {};
    throw error;
  }
}
