import { LEASE_FIELDS } from "@hearth/protocol";
import { z } from "zod";
import { SafeFile } from "../storage/safeFile.ts";
import type { SessionStorage } from "../storage/storage.ts";
import { WipeNote } from "../wipe/context.ts";
import { NO_TRIES } from "./tries.ts";

/**
 * What must be known while the key is locked, and so lies in the clear beside the lock: nothing of anybody's words, and
 * nothing that helps to open it. Who can write files can change it; who can do that has copied the lock already.
 */
const LockNotes = z.object({
  v: z.literal(1),
  tries: z.object({ failed: z.int().min(0), at: z.number() }),
  /** After how long without a touch the app locks by itself; undefined for never. */
  idleMs: z.number().positive().optional(),
  /** From the policy, see `wipes`. */
  wipeAfter: z.int().min(1).optional(),
  /** The policy's own time to lock by itself, which a person may shorten. */
  mostIdleMs: z.number().positive().optional(),
  /** The lease runs on while the key is locked. */
  lease: z.object(LEASE_FIELDS).optional(),
  /** [P7] By what a wipe of this device is found and judged. Missing beside a lock that was turned on before there was any. */
  wipe: WipeNote.optional(),
});
export type LockNotes = z.infer<typeof LockNotes>;

export const NEW_NOTES: LockNotes = { v: 1, tries: NO_TRIES };

const fileOf = (storage: SessionStorage) => new SafeFile(storage.files, "lock-notes");

/** What can't be read counts as a device that is new to all of it. */
export async function readNotes(storage: SessionStorage): Promise<LockNotes> {
  const bytes = await fileOf(storage).read();
  if (!bytes) return NEW_NOTES;
  try {
    return LockNotes.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    return NEW_NOTES;
  }
}

export function writeNotes(storage: SessionStorage, notes: LockNotes): Promise<void> {
  return fileOf(storage).write(new TextEncoder().encode(JSON.stringify(notes)));
}
