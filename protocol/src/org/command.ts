import { z } from "zod";
import { CommandId, EventId, Instant, UserId } from "../ids.ts";
import { CLEAR_ROOMS } from "../define/event.ts";
import { defineEntry } from "../define/entry.ts";

/** A command to the bot: its name, its arguments (checked against the registry), its id. */
export const CommandContent = z.object({
  v: z.literal(1),
  id: CommandId,
  name: z
    .string()
    .regex(/^[a-z]+( [a-z]+)?$/)
    .max(60),
  args: z.record(z.string(), z.unknown()),
});
export type CommandContent = z.infer<typeof CommandContent>;

export const Command = defineEntry({
  type: "org.hearth.command",
  kind: "org",
  permission: null,
  words: { label: "Command" },
  place: "timeline of the org, admin and onboarding rooms",
  clearedBy: "deletion of the onboarding room, or of the org room",
  clear: { rooms: CLEAR_ROOMS, writer: "self", limit: 16 * 1024 },
  schema: CommandContent,
  example: {
    v: 1,
    id: "AAAAAAAAAAAAAAAAAAAAAA",
    name: "role grant",
    args: { user: "@example:hearth.localhost", role: "dispatcher" },
  },
});

/** Why a command was not done. A closed list; the sentence beside it says what to do. */
export const COMMAND_REFUSALS = [
  "unknown_command",
  "bad_arguments",
  "not_permitted",
  "wrong_room",
  "not_found",
  "conflict",
  "expired",
  "wrong_secret",
  "last_admin",
  "internal",
] as const;
export const CommandRefusal = z.enum(COMMAND_REFUSALS);
export type CommandRefusal = z.infer<typeof CommandRefusal>;

/** The bot's answer, sent with an `m.reference` relation to the command's event. */
export const ResultContent = z.discriminatedUnion("ok", [
  z.object({
    v: z.literal(1),
    command_id: CommandId,
    ok: z.literal(true),
    data: z.record(z.string(), z.unknown()).optional(),
    "m.relates_to": z.object({ rel_type: z.literal("m.reference"), event_id: EventId }).optional(),
  }),
  z.object({
    v: z.literal(1),
    command_id: CommandId,
    ok: z.literal(false),
    code: CommandRefusal,
    message: z.string().max(1000),
    "m.relates_to": z.object({ rel_type: z.literal("m.reference"), event_id: EventId }).optional(),
  }),
]);
export type ResultContent = z.infer<typeof ResultContent>;

export const Result = defineEntry({
  type: "org.hearth.result",
  kind: "org",
  permission: null,
  words: { label: "Answer to a command" },
  place: "timeline of the org, admin and onboarding rooms",
  clearedBy: "deletion of the onboarding room, or of the org room",
  clear: { rooms: CLEAR_ROOMS, writer: "bot", limit: 60 * 1024 },
  schema: ResultContent,
  example: { v: 1, command_id: "AAAAAAAAAAAAAAAAAAAAAA", ok: true },
});

/** What the org room keeps of every command that was carried out: who, what, when. [P9] */
export const AuditContent = z.object({
  v: z.literal(1),
  command_id: CommandId,
  actor: UserId,
  name: z.string().max(60),
  /** The arguments without anything secret. */
  args: z.record(z.string(), z.unknown()),
  at: Instant,
});
export type AuditContent = z.infer<typeof AuditContent>;

export const Audit = defineEntry({
  type: "org.hearth.audit",
  kind: "org",
  permission: null,
  words: { label: "Audit entry" },
  place: "timeline of the org room",
  clearedBy: "deletion of its room",
  clear: { rooms: ["org"], writer: "bot", limit: 60 * 1024 },
  schema: AuditContent,
  example: {
    v: 1,
    command_id: "AAAAAAAAAAAAAAAAAAAAAA",
    actor: "@example:hearth.localhost",
    name: "role grant",
    args: { user: "@other:hearth.localhost", role: "dispatcher" },
    at: 1767225600000,
  },
});
