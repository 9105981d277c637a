import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { base64url } from "../base64.ts";
import type { InviteId, OrgId, UserId } from "../ids.ts";
import { canonicalJson } from "../request/canonical.ts";
import type { SigningKey } from "../signed/statement.ts";
import type { MasterKey } from "./statement.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);

/**
 * Two values are made from an invite's secret, and neither tells the other (SPEC [V3]). This one is shown to the bot,
 * which holds its hash: it lets somebody in.
 */
export function shownSecret(secret: string): string {
  return base64url(sha256(utf8(`hearth invite shown\n${secret}`)));
}

/** This one never leaves the two clients: who holds the link, and who made it. Base64url. */
export function proofKey(secret: string): string {
  return base64url(sha256(utf8(`hearth invite proof\n${secret}`)));
}

/**
 * Shows whoever made the invite which keys the newcomer has, although the bot carries the word: it can't put its own
 * in their place.
 * @param key from `proofKey`
 * @returns HMAC-SHA-256 in base64url
 */
export function inviteProof(
  key: string,
  newcomer: {
    readonly org: OrgId;
    readonly invite: InviteId;
    readonly user: UserId;
    readonly master_key: MasterKey;
    readonly signing_key: SigningKey;
  },
): string {
  const { org, invite, user, master_key, signing_key } = newcomer;
  const text = canonicalJson({ org, invite, user, master_key, signing_key });
  return base64url(hmac(sha256, utf8(key), utf8(`hearth invite keys\n${text}`)));
}
