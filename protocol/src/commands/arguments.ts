import { z } from "zod";
import { AccessRequestId, AskShape, MOST_ASKED_ROOMS } from "../grant/ask.ts";
import { MediaUrl, MOST_PARTS } from "../grant/grant.ts";
import { DeviceId, Instant, InviteId, RoleId, UserId } from "../ids.ts";
import { Duration } from "../duration.ts";
import { NewcomerKeys, SecretHash } from "../org/invite.ts";
import { DeviceStorage, LockIdle, OnOff, WipeAfter } from "../org/policy.ts";
import type { Permission } from "../permissions.ts";
import { RosterStatement } from "../roster/statement.ts";
import { DeviceKey, WipeMode, WipeRecord, WipeTarget } from "../wipe/record.ts";

/**
 * Every command by name: its arguments, what its sender must be permitted, in which rooms it may be given.
 * `permission: null` means anybody who can reach the room. The bot's registry must implement each of them.
 */
type CommandDefinition = {
  readonly args: z.ZodType;
  readonly permission: Permission | null;
  readonly rooms: readonly ("org" | "admin" | "onboarding")[];
};

export const COMMANDS = {
  help: {
    args: z.object({ command: z.string().max(60).optional() }),
    permission: null,
    rooms: ["org", "admin"],
  },
  /** Result data: { invite, token, expires_at }. Whoever asks keeps the secret and makes the link. */
  "invite create": {
    args: z.object({
      invite: InviteId,
      secret_hash: SecretHash,
      roles: z.array(RoleId).max(20),
      note: z.string().max(100).optional(),
      expires_in: Duration.optional(),
    }),
    permission: "invite_to_org",
    rooms: ["org", "admin"],
  },
  /** Result data: { invites: [{ invite, roles, note?, status, created_by, created_at, expires_at }] } */
  "invite list": { args: z.object({}), permission: "invite_to_org", rooms: ["org", "admin"] },
  "invite revoke": {
    args: z.object({ invite: InviteId }),
    permission: "invite_to_org",
    rooms: ["org", "admin"],
  },
  /** `secret` is what the link's one shows of itself ([V3]). Result data: { org_room } */
  "invite accept": {
    args: z.object({
      invite: InviteId,
      secret: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
      keys: NewcomerKeys.optional(),
    }),
    permission: null,
    rooms: ["onboarding"],
  },
  /** The next statement of the roster, signed by an admin's client: the bot keeps it, and has no say in it. */
  "roster sign": {
    args: z.object({ statement: RosterStatement }),
    permission: null,
    rooms: ["org", "admin"],
  },
  "role grant": {
    args: z.object({ user: UserId, role: RoleId }),
    permission: "assign_roles",
    rooms: ["org", "admin"],
  },
  "role revoke": {
    args: z.object({ user: UserId, role: RoleId }),
    permission: "assign_roles",
    rooms: ["org", "admin"],
  },
  /** What an admin asks for in the admin room, where nobody can sign: an admin's client asks them to confirm it. */
  wipe: {
    args: z.object({ user: UserId, device: DeviceId.optional(), mode: WipeMode.default("keys") }),
    permission: null,
    rooms: ["admin"],
  },
  /** A wipe record, signed by an admin's client: the bot publishes it, and ends the device when it was given its time. */
  "wipe sign": {
    args: z.object({ user: UserId, device: DeviceId, device_key: DeviceKey, record: WipeRecord }),
    permission: null,
    rooms: ["org", "admin"],
  },
  /** The device has answered that its keys are gone. */
  "wipe done": { args: z.object({ target: WipeTarget }), permission: null, rooms: ["org", "admin"] },
  /** Nobody wants any more what was asked for in the admin room. */
  "wipe dismiss": { args: z.object({ user: UserId }), permission: null, rooms: ["org", "admin"] },
  "member remove": {
    args: z.object({ user: UserId }),
    permission: "remove_from_org",
    rooms: ["org", "admin"],
  },
  /** Result data: the policy's content. */
  "policy show": { args: z.object({}), permission: null, rooms: ["org", "admin"] },
  "policy set": {
    args: z.object({
      name: z.string().trim().min(1).max(100).optional(),
      key_block: Duration.optional(),
      key_window: Duration.optional(),
      retention: Duration.optional(),
      lease: Duration.optional(),
      invite_expiry: Duration.optional(),
      lock_idle: LockIdle.optional(),
      lock_wipe_after: WipeAfter.optional(),
      online_unlock: OnOff.optional(),
      device_storage: DeviceStorage.optional(),
      automatic_access: z.union([z.boolean(), z.stringbool()]).optional(),
    }),
    permission: "edit_org_settings",
    rooms: ["org", "admin"],
  },
  /** Logs that somebody asks to read older messages; what they add in words goes to admins' devices. [P6] */
  "access ask": {
    args: z.object({ ...AskShape, rooms: z.int().min(1).max(MOST_ASKED_ROOMS).optional() }),
    permission: null,
    rooms: ["org"],
  },
  /** The asker takes an ask back that nobody has answered. */
  "access withdraw": { args: z.object({ request: AccessRequestId }), permission: null, rooms: ["org"] },
  /** Logs the answer before anything is given. Of two admins at once, one gets a conflict. */
  "access answer": {
    args: z.object({
      user: UserId,
      request: AccessRequestId,
      answer: z.enum(["given", "declined", "revoked"]),
      until: Instant.optional(),
      sessions: z.int().min(0).optional(),
      automatic: z.literal(true).optional(),
    }),
    permission: null,
    rooms: ["org", "admin"],
  },
  /** Deletes the encrypted files of a grant that this admin uploaded. */
  "access clean": {
    args: z.object({ request: AccessRequestId, media: z.array(MediaUrl).min(1).max(MOST_PARTS) }),
    permission: null,
    rooms: ["org", "admin"],
  },
} as const satisfies Record<string, CommandDefinition>;

export type CommandName = keyof typeof COMMANDS;
export type CommandArgs<Name extends CommandName> = z.infer<(typeof COMMANDS)[Name]["args"]>;
