import { base64url, fromBase64url, RosterHash, SigningKey, type Sign } from "@hearth/protocol";
import { z } from "zod";

/** Where a person keeps it on the server, encrypted with their recovery key. */
export const ROSTER_SECRET = "org.hearth.roster_key";

const pair = {
  /** PKCS #8, base64url. */
  privateKey: z.string(),
  publicKey: SigningKey,
};

/**
 * A person's Ed25519 key pair for signed statements, and what they believe a roster by. Everybody has one, so that
 * whoever becomes an admin need not fetch their recovery key for it; it counts for what the roster says of it.
 */
export const RosterRecord = z.object({
  v: z.literal(1),
  ...pair,
  /** Made with a new recovery key, because the old one opened the old key: to be put in its place on the roster. */
  next: z.object(pair).optional(),
  /**
   * What the roster must have in it: the invite link's hash, or the newest that this person's devices have checked. `new`
   * for whoever came first, or for a device that was told nothing: it believes only a roster that this key has founded.
   */
  pin: z.union([z.literal("new"), RosterHash]),
});
export type RosterRecord = z.infer<typeof RosterRecord>;

export async function newSigningKey(): Promise<NonNullable<RosterRecord["next"]>> {
  const made = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]);
  const [privateKey, publicKey] = await Promise.all([
    crypto.subtle.exportKey("pkcs8", made.privateKey),
    crypto.subtle.exportKey("raw", made.publicKey),
  ]);
  return {
    privateKey: base64url(new Uint8Array(privateKey)),
    publicKey: SigningKey.parse(base64url(new Uint8Array(publicKey))),
  };
}

/** What was kept under the recovery key; undefined for what is none. */
export function readRosterSecret(text: string | undefined): RosterRecord | undefined {
  try {
    return RosterRecord.safeParse(JSON.parse(text ?? "")).data;
  } catch {
    return undefined;
  }
}

/** What the workspace gets of it. */
export type RosterKeys = {
  readonly publicKey: SigningKey;
  readonly pin: RosterRecord["pin"];
  readonly next: RosterRecord["next"];
  readonly sign: Sign;
};

export function rosterKeysOf({ publicKey, privateKey, pin, next }: RosterRecord): RosterKeys {
  return {
    publicKey,
    pin,
    next,
    sign: async (bytes) => {
      const pkcs8 = fromBase64url(privateKey);
      if (!pkcs8) throw new Error("the signing key is not readable");
      const key = await crypto.subtle.importKey("pkcs8", pkcs8, "Ed25519", false, ["sign"]);
      return new Uint8Array(await crypto.subtle.sign("Ed25519", key, bytes));
    },
  };
}
