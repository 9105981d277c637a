import { z } from "zod";
import { fromBase64 } from "../base64.ts";
import type { UserId } from "../ids.ts";
import { SigningKey, type Verify } from "../signed/statement.ts";
import type { MasterKey } from "./statement.ts";

/**
 * The signing key of somebody whom the roster lists with another one or none: who began anew, or came by a link that
 * the bot has seen. Signed by their master key, so that whoever has compared that one knows this one too (SPEC [M10]).
 */
export const AnnouncedKey = z.object({
  key: SigningKey,
  /** Ed25519 by the master key, unpadded base64. */
  signature: z.string().regex(/^[A-Za-z0-9+/]{86}$/),
});
export type AnnouncedKey = z.infer<typeof AnnouncedKey>;

/** What is signed, as text. */
export function announcement(userId: UserId, key: SigningKey): string {
  return `hearth signing key\n${userId}\n${key}`;
}

/** Whether the holder of this master key has said so. */
export async function isAnnounced(
  userId: UserId,
  masterKey: MasterKey,
  { key, signature }: AnnouncedKey,
  verify: Verify,
): Promise<boolean> {
  const [signer, signed] = [fromBase64(masterKey), fromBase64(signature)];
  const text = new TextEncoder().encode(announcement(userId, key));
  return signer !== undefined && signed !== undefined && verify(signer, signed, text);
}
