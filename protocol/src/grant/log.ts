import { z } from "zod";
import { defineState } from "../define/state.ts";
import { openObject } from "../define/unknown.ts";
import { Instant, UserId } from "../ids.ts";
import { ASK_EXAMPLE, AskShape } from "./ask.ts";

/** How many asks of one person the log's newest page has; older ones stand in the org room's audit entries. */
export const MOST_LOGGED_ASKS = 20;
/** How many of one person's asks may wait for an answer at a time. */
export const MOST_WAITING_ASKS = 5;

export const ACCESS_STATES = ["asked", "withdrawn", "given", "declined", "revoked"] as const;

export const LoggedAsk = openObject({
  ...AskShape,
  /** How many rooms were named; absent for all. */
  rooms: z.int().min(1).optional(),
  at: Instant,
  state: z.enum(ACCESS_STATES),
  /** Who answered, and when. */
  by: UserId.optional(),
  answered_at: Instant.optional(),
  /** The end that was given. */
  until: Instant.optional(),
  /** How many keys were given. */
  sessions: z.int().min(0).optional(),
  /** An admin's client answered by itself, as the policy lets it. */
  automatic: z.literal(true).optional(),
});
export type LoggedAsk = z.infer<typeof LoggedAsk>;

/** The newest asks of one person and what became of them; the state key is that of `org.hearth.member`. [P6] */
export const Access = defineState({
  type: "org.hearth.access",
  words: { label: "Log of access to older messages" },
  writer: "bot",
  limit: 16 * 1024,
  schema: openObject({ v: z.literal(1), asks: z.array(LoggedAsk).max(MOST_LOGGED_ASKS) }),
  example: { v: 1, asks: [{ ...ASK_EXAMPLE, state: "asked" }] },
});
export type AccessContent = z.infer<typeof Access.schema>;
