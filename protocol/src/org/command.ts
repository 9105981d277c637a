import { z } from "zod";
import { CommandId, EventId, Instant, UserId } from "../ids.ts";
import { defineEvent } from "../eventType.ts";

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

export const Command = defineEvent({
  type: "org.hearth.command",
  kind: "org",
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

export const Result = defineEvent({
  type: "org.hearth.result",
  kind: "org",
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

export const Audit = defineEvent({
  type: "org.hearth.audit",
  kind: "org",
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
