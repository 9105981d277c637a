import { createHash, createHmac } from "node:crypto";
import { CommandId, idFromBytes } from "@hearth/protocol";
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
  return createHash("sha256").update(secret).digest("base64url");
}

/** A command given by text has no id of its own: its event's is hashed into one. */
export function commandIdOf(event: EventId): CommandId {
  return CommandId.parse(idFromBytes(createHash("sha256").update(event).digest().subarray(0, 16)));
}

function derived(key: string, purpose: string): string {
  return createHmac("sha256", key).update(purpose).digest("base64url").slice(0, 43);
}
