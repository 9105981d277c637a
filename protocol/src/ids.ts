import { z } from "zod";
import { base64url } from "./base64.ts";

/**
 * Branded identifiers. Each is minted by its schema and by nothing else, so that a value of type `RoomId` has
 * been looked at once, at the edge.
 */
const matrixId = (sigil: string, max = 255) =>
  z
    .string()
    .max(max)
    .regex(new RegExp(`^\\${sigil}[^\\s\\0]+$`));

/** `@localpart:server` */
export const UserId = matrixId("@")
  .regex(/^@[a-z0-9._=/+-]+:[A-Za-z0-9.:[\]-]+$/)
  .brand("UserId");
export type UserId = z.infer<typeof UserId>;

/** `!opaque` (room version 12 has no server part) or `!opaque:server` */
export const RoomId = matrixId("!").brand("RoomId");
export type RoomId = z.infer<typeof RoomId>;

/** `$opaque`, given by the homeserver */
export const EventId = matrixId("$").brand("EventId");
export type EventId = z.infer<typeof EventId>;

export const DeviceId = z.string().min(1).max(255).brand("DeviceId");
export type DeviceId = z.infer<typeof DeviceId>;

/** What stands in `org.hearth.org_id` of every room's create event. */
export const OrgId = z
  .string()
  .regex(/^[a-z0-9-]{1,64}$/)
  .brand("OrgId");
export type OrgId = z.infer<typeof OrgId>;

/** A role's id, also the state key of its event. */
export const RoleId = z
  .string()
  .regex(/^[a-z0-9_-]{1,32}$/)
  .brand("RoleId");
export type RoleId = z.infer<typeof RoleId>;

/** A 128-bit random id of our own, base64url without padding: log entries, commands, invites. */
const randomId = z.string().regex(/^[A-Za-z0-9_-]{22}$/);

/** The id of one entry in a request's log; a repeated one is ignored. */
export const LogEntryId = randomId.brand("LogEntryId");
export type LogEntryId = z.infer<typeof LogEntryId>;

/** The id of a command: the same id asked twice is done once. */
export const CommandId = randomId.brand("CommandId");
export type CommandId = z.infer<typeof CommandId>;

export const InviteId = randomId.brand("InviteId");
export type InviteId = z.infer<typeof InviteId>;

/** Milliseconds since 1970, as Matrix counts time. */
export const Instant = z.int().min(0).max(8_640_000_000_000_000).brand("Instant");
export type Instant = z.infer<typeof Instant>;

/** 16 random bytes in, 22 characters out. The caller brings the randomness: this package has none. */
export function idFromBytes(bytes: Uint8Array): string {
  if (bytes.length !== 16) throw new RangeError(`an id is made of 16 bytes, not ${bytes.length}`);
  return base64url(bytes);
}

/** The state key of `org.hearth.member`: the user id without its `@` (a key with one is that user's own to write). */
export function memberStateKey(userId: UserId): string {
  return userId.slice(1);
}

/** The other way round; undefined for a key that is no user id. */
export function userIdFromMemberStateKey(stateKey: string): UserId | undefined {
  const parsed = UserId.safeParse(`@${stateKey}`);
  return parsed.success ? parsed.data : undefined;
}
