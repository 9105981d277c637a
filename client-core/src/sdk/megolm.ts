import type { InboundGroupSession } from "@matrix-org/matrix-sdk-crypto-wasm";
import { fromBase64, RoomId, type SharedKey } from "@hearth/protocol";
import type { MatrixClient } from "matrix-js-sdk";
import { z } from "zod";
import type { RoomKeyRef } from "../session/api.ts";
import { cryptoOf, internalsOf } from "./patches.ts";

const ALGORITHM = "m.megolm.v1.aes-sha2";

// Room keys in and out of the crypto machine: for grants, and for nothing else. Here keys are in the clear.

const Exported = z.object({
  room_id: RoomId,
  session_id: z.string(),
  session_key: z.string(),
  sender_key: z.string(),
  sender_claimed_keys: z.object({ ed25519: z.string().optional() }).optional(),
});

export const keyName = ({ roomId, sessionId }: RoomKeyRef) => `${roomId}|${sessionId}`;

/** Which room keys are here, by name, and whether each came from elsewhere than its sender. No key leaves the machine. */
export async function heldKeys(client: MatrixClient): Promise<Map<string, { imported: boolean }>> {
  const held = new Map<string, { imported: boolean }>();
  await internalsOf(client).olmMachine.exportRoomKeys((session: InboundGroupSession) => {
    const name = `${session.roomId.toString()}|${session.sessionId}`;
    held.set(name, { imported: session.hasBeenImported() });
    session.free();
    return false;
  });
  return held;
}

/** @param wanted names; see `keyName` */
export async function exportKeys(
  client: MatrixClient,
  wanted: ReadonlyMap<string, number>,
): Promise<SharedKey[]> {
  const json = await internalsOf(client).olmMachine.exportRoomKeys((session: InboundGroupSession) => {
    const isWanted = wanted.has(`${session.roomId.toString()}|${session.sessionId}`);
    session.free();
    return isWanted;
  });
  return z
    .array(Exported)
    .parse(JSON.parse(json))
    .map(({ room_id: roomId, session_id: sessionId, session_key, sender_key, sender_claimed_keys }) => ({
      roomId,
      sessionId,
      sessionKey: session_key,
      senderKey: sender_key,
      claimedEd25519: sender_claimed_keys?.ed25519,
      at: wanted.get(keyName({ roomId, sessionId })) ?? 0,
    }));
}

/** The machine keeps the better copy of a key that it has. @throws when it can't store them */
export async function importKeys(client: MatrixClient, keys: readonly SharedKey[]): Promise<void> {
  await cryptoOf(client).importRoomKeys(
    keys.map((key) => ({
      algorithm: ALGORITHM,
      room_id: key.roomId,
      session_id: key.sessionId,
      session_key: key.sessionKey,
      sender_key: key.senderKey,
      sender_claimed_keys: key.claimedEd25519 === undefined ? {} : { ed25519: key.claimedEd25519 },
      forwarding_curve25519_key_chain: [],
    })),
  );
}

/** The message from which on an exported key opens: one version byte, then four bytes. */
export function firstIndex(sessionKey: string): number {
  const bytes = fromBase64(sessionKey.slice(0, 8));
  if (!bytes) throw new Error("an exported key is no base64");
  return [1, 2, 3, 4].reduce((sum, i) => sum * 256 + (bytes[i] ?? Number.NaN), 0);
}

/** The place of a Megolm message in its session: after version and tag, a number of seven bits a byte. */
export function messageIndex(ciphertext: unknown): number | undefined {
  if (typeof ciphertext !== "string") return undefined;
  const bytes = fromBase64(ciphertext.slice(0, 12));
  if (bytes?.[0] !== 3 || bytes[1] !== 8) return undefined;
  let index = 0;
  for (const [i, byte] of bytes.subarray(2).entries()) {
    index += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return index;
  }
  return undefined;
}
