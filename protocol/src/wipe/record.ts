import { sha256 } from "@noble/hashes/sha2.js";
import { z } from "zod";
import { base64url } from "../base64.ts";
import type { DeviceId, OrgId, UserId } from "../ids.ts";
import { canonicalJson } from "../request/canonical.ts";
import { signedStatement } from "../signed/statement.ts";

/** A device's public Ed25519 key (its fingerprint), unpadded base64 as Matrix writes it. */
export const DeviceKey = z
  .string()
  .regex(/^[A-Za-z0-9+/]{43}$/)
  .brand("DeviceKey");
export type DeviceKey = z.infer<typeof DeviceKey>;

/** Which device a wipe is for: a hash, so that a record that anybody may fetch names nobody. */
export const WipeTarget = z
  .string()
  .regex(/^[A-Za-z0-9_-]{43}$/)
  .brand("WipeTarget");
export type WipeTarget = z.infer<typeof WipeTarget>;

/** What becomes of the person: `keys` is told to sign in again and go on as a new device, `sign_out` is signed out. */
export const WIPE_MODES = ["keys", "sign_out"] as const;
export const WipeMode = z.enum(WIPE_MODES);
export type WipeMode = z.infer<typeof WipeMode>;

/** A device by what it can't change: with new keys it is another one, whatever id it has. */
export type WipedDevice = {
  readonly org: OrgId;
  readonly user: UserId;
  readonly device: DeviceId;
  readonly key: DeviceKey;
};

/** SPEC [W1]. Who does not know the device's key can neither guess it nor tell from it whom it is for. */
export function wipeTarget({ org, user, device, key }: WipedDevice): WipeTarget {
  const text = `hearth wipe\n${canonicalJson({ org, user, device, key })}`;
  return WipeTarget.parse(base64url(sha256(new TextEncoder().encode(text))));
}

/** An admin's word that one device is to destroy its keys. [P7] */
export const WipeRecord = signedStatement("wipe", z.strictObject({ target: WipeTarget, mode: WipeMode }));
export type WipeRecord = z.infer<typeof WipeRecord>;

/** How long a wiped device has to answer before the bot ends it at the homeserver, which empties its inbox. */
export const WIPE_ANSWER_MS = 10_000;

/** Where a device asks for a record without a token, at the web client's origin, followed by its target. */
export const WIPES_PATH = "/wipes/";
