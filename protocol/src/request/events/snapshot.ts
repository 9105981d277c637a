import { z } from "zod";
import { EventId, Instant, LogEntryId, UserId } from "../../ids.ts";
import { defineEntry } from "../../define/entry.ts";
import { envelope } from "../envelope.ts";
import { RequestFields } from "../fields.ts";
import { HandStatus } from "../status.ts";
import { DisplayId } from "./opened.ts";

/** A folded request, as much as a reader needs to go on folding from it. */
export const FoldedRequest = z.object({
  display_id: DisplayId,
  opened_by: UserId,
  opened_at: Instant,
  fields: RequestFields,
  hand_status: HandStatus.nullable(),
  closed: z.object({ by: UserId, at: Instant, outcome: z.string().max(5000).optional() }).nullable(),
  heads: z.array(LogEntryId).max(20),
  /** The highest `seq` folded of each device, keyed `user|device`. */
  counters: z.record(z.string().max(520), z.int().min(1)),
  /** How many entries were folded. */
  count: z.int().min(1),
});
export type FoldedRequest = z.infer<typeof FoldedRequest>;

/**
 * The folded state as one event: who can't read the older entries starts from here, who can compares.
 * `chain` is the hash chain over all entries folded, up to and with `up_to`.
 */
export const Snapshot = defineEntry({
  type: "org.hearth.request.snapshot",
  permission: "edit_request_data",
  words: { label: "Summary" },
  schema: z.object({
    ...envelope,
    /** The version of the rules that folded it; left out by the first. */
    rules: z.int().min(1).optional(),
    up_to: EventId,
    chain: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
    state: FoldedRequest,
  }),
  example: {
    v: 1,
    id: "AAAAAAAAAAAAAAAAAAAAAF",
    device: "EXAMPLE",
    seq: 6,
    at: 1767225900000,
    heads: [],
    up_to: "$example",
    chain: "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU",
    state: {
      display_id: "0101-K7Q",
      opened_by: "@example:hearth.localhost",
      opened_at: 1767225600000,
      fields: { description: "Example: somebody needs a ride home" },
      hand_status: null,
      closed: null,
      heads: ["AAAAAAAAAAAAAAAAAAAAAA"],
      counters: { "@example:hearth.localhost|EXAMPLE": 1 },
      count: 1,
    },
  },
});
