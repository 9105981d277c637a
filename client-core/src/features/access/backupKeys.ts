import type { RoomId } from "@hearth/protocol";
import type { KeyBackupSession } from "../../sdk/names.ts";
import { HttpFailure, type SignedInSession } from "../../session/api.ts";
import { backendOf } from "../../sdk/patches.ts";

/** Up to this many are asked for one by one, more by their room. */
const ONE_BY_ONE = 20;

/**
 * Brings keys of one room from this person's backup to this device, as far as the backup has them and is open here.
 * Whoever restores the whole backup at the same time does no harm: a key that is here already stays.
 */
export async function keysFromBackup(
  session: SignedInSession,
  roomId: RoomId,
  sessionIds: readonly string[],
): Promise<void> {
  const crypto = backendOf(session.client);
  const info = await crypto.getKeyBackupInfo();
  const key = await crypto.getSessionBackupPrivateKey();
  if (!info?.version || !key) return;
  const { version } = info;
  const decryptor = await crypto.getBackupDecryptor(info, key);
  try {
    const found = await ask(session, version, roomId, sessionIds);
    const wanted = new Set(sessionIds);
    const sessions = Object.fromEntries(Object.entries(found).filter(([id]) => wanted.has(id)));
    const keys = await decryptor.decryptSessions(sessions);
    for (const each of keys) each.room_id = roomId;
    if (keys.length > 0) await crypto.importBackedUpRoomKeys(keys, version);
  } finally {
    decryptor.free();
    key.fill(0);
  }
}

async function ask(
  { request }: SignedInSession,
  version: string,
  roomId: RoomId,
  sessionIds: readonly string[],
): Promise<Record<string, KeyBackupSession>> {
  const room = `/_matrix/client/v3/room_keys/keys/${encodeURIComponent(roomId)}`;
  const query = `?version=${encodeURIComponent(version)}`;
  const get = async <T>(path: string): Promise<T | undefined> => {
    try {
      return await request<T>("GET", path + query);
    } catch (error) {
      if (error instanceof HttpFailure && error.errcode === "M_NOT_FOUND") return undefined;
      throw error;
    }
  };
  if (sessionIds.length > ONE_BY_ONE)
    return (await get<{ sessions?: Record<string, KeyBackupSession> }>(room))?.sessions ?? {};
  const found: Record<string, KeyBackupSession> = {};
  for (const id of sessionIds) {
    const one = await get<KeyBackupSession>(`${room}/${encodeURIComponent(id)}`);
    if (one) found[id] = one;
  }
  return found;
}
