import { isAnnounced, MasterKey, type SigningKey, type UserId } from "@hearth/protocol";
import type { SignedInSession } from "../../session/api.ts";
import { signWithMasterKey } from "../../sdk/client.ts";
import type { Org } from "../../org/org.ts";
import type { OwnProfile } from "../../org/ownProfile.ts";
import type { RosterBook } from "./book.ts";
import { verifyEd25519 } from "./stored.ts";

/** The signing key that somebody has announced by this master key; undefined when there is none that holds. */
export async function announcedKey(
  org: Org,
  userId: UserId,
  masterKey: string | undefined,
): Promise<SigningKey | undefined> {
  const announced = org.profiles.get(userId)?.signing_key;
  const master = MasterKey.safeParse(masterKey).data;
  if (!announced || master === undefined) return undefined;
  return (await isAnnounced(userId, master, announced, verifyEd25519)) ? announced.key : undefined;
}

/**
 * Announces this person's signing key in their profile, if the roster names another or none: after they began anew, or
 * came by a link that the bot has seen. Most people never need it.
 * @param masterKey their own, whose private half this device holds
 */
export async function announceKey(
  session: SignedInSession,
  org: Org,
  book: RosterBook,
  own: OwnProfile,
  masterKey: string | undefined,
): Promise<void> {
  const { userId, client } = session;
  const entry = book.roster.current.get(userId);
  if (!org.profiles.has(userId) || masterKey === undefined || (!entry && book.toCompare === undefined))
    return;
  const { publicKey: key, next } = await session.rosterKeys();
  // A key that waits to take the place of the one that is named is no news.
  if (entry?.signingKey === key || next !== undefined) return;
  if ((await announcedKey(org, userId, masterKey)) === key) return;
  const signature = await signWithMasterKey(client, userId, masterKey, key);
  if (signature === undefined) return;
  await own.change(org.roomId, (now) => now && { ...now, signing_key: { key, signature } });
}
