import { createHash, createHmac } from "node:crypto";
import { base64url, CommandId, idFromBytes } from "@hearth/protocol";
import type { EventId, InviteId } from "@hearth/protocol";

/**
 * The registration token of an invite. It follows from the invite's id and the appservice's token, so that it need not
 * be stored to be withdrawn, and so that a command carried on after a crash makes the same one.
 */
export function registrationToken(asToken: string, invite: InviteId): string {
  return derived(asToken, `invite:${invite}`);
}

/** The secret of an invite that an admin asked for by text: 32 bytes in base64url, the same each time. */
export function textInviteSecret(asToken: string, invite: InviteId): string {
  return derived(asToken, `secret:${invite}`);
}

/** What org state keeps of an invite's secret. */
export function secretHash(secret: string): string {
  return base64url(createHash("sha256").update(secret).digest());
}

/** A command given by text has no id of its own: its event's is hashed into one. */
export function commandIdOf(event: EventId): CommandId {
  return CommandId.parse(idFromBytes(createHash("sha256").update(event).digest().subarray(0, 16)));
}

function derived(key: string, purpose: string): string {
  return base64url(createHmac("sha256", key).update(purpose).digest());
}
