import { z } from "zod";
import { Instant, RoomId } from "../ids.ts";
import { AccessRequestId } from "./ask.ts";

/** Raw bytes of a Megolm session as exported: version, index, ratchet, key. 165 bytes; no more is taken. */
const SessionKey = z.string().regex(/^[A-Za-z0-9+/]{216,232}$/);
const Key = z.string().regex(/^[A-Za-z0-9+/]{43}$/);

/**
 * One room key: session id, session key, the sender device's Curve25519 and Ed25519 keys (as the giver knows them:
 * nobody else vouches), and where the session stands in time (SPEC [K4]) as far as the giver knows.
 */
export const SharedSession = z.tuple([Key, SessionKey, Key, z.union([Key, z.literal("")]), Instant]);

export type SharedKey = {
  readonly roomId: RoomId;
  readonly sessionId: string;
  readonly sessionKey: string;
  readonly senderKey: string;
  readonly claimedEd25519: string | undefined;
  readonly at: number;
};

/** What one encrypted file holds, as JSON. Single keys are looked at one by one: a bad one must not spoil the others. */
const PartContent = z.object({
  v: z.literal(1),
  request: AccessRequestId,
  part: z.int().min(0),
  rooms: z.record(z.string(), z.array(z.unknown())),
});

export function writePart(request: AccessRequestId, part: number, keys: readonly SharedKey[]): string {
  const rooms: Record<string, z.input<typeof SharedSession>[]> = {};
  for (const key of keys)
    (rooms[key.roomId] ??= []).push([
      key.sessionId,
      key.sessionKey,
      key.senderKey,
      key.claimedEd25519 ?? "",
      key.at,
    ]);
  return JSON.stringify({ v: 1, request, part, rooms });
}

/**
 * Reads a decrypted file.
 * @param expected which part of which grant it must be: one put in another's place is none
 * @returns the keys that are well-formed, and how many entries were not; undefined for what is no such file
 */
export function readPart(
  text: string,
  expected: { readonly request: AccessRequestId; readonly part: number; readonly sessions: number },
): { readonly keys: readonly SharedKey[]; readonly malformed: number } | undefined {
  const content = PartContent.safeParse(parseJson(text)).data;
  if (content?.request !== expected.request || content.part !== expected.part) return undefined;
  const keys: SharedKey[] = [];
  let malformed = 0;
  for (const [room, entries] of Object.entries(content.rooms)) {
    const roomId = RoomId.safeParse(room).data;
    for (const entry of entries) {
      const session = SharedSession.safeParse(entry).data;
      if (roomId === undefined || !session || keys.length >= expected.sessions) {
        malformed += 1;
        continue;
      }
      const [sessionId, sessionKey, senderKey, ed25519, at] = session;
      keys.push({ roomId, sessionId, sessionKey, senderKey, claimedEd25519: ed25519 || undefined, at });
    }
  }
  return { keys, malformed };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
