import { z } from "zod";
import { Instant, LogEntryId, UserId } from "../ids.ts";
import { DisplayId } from "./displayId.ts";
import { RequestFields, type RequestFieldName } from "./fields.ts";
import { HandStatus } from "./status.ts";

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

/** What a request can say that a newer entry replaces. */
export type LeftOut = RequestFieldName | "status" | "outcome";
