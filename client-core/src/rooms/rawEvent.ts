import { EventId, UserId } from "@hearth/protocol";
import { z } from "zod";

export const ENCRYPTED = "m.room.encrypted";

/**
 * An event as the homeserver gives it, with what we keep of it. Sealed: `content` of an `m.room.encrypted` event is
 * ciphertext, and only decrypt.ts opens it.
 */
export type RawEvent = {
  readonly event_id: EventId;
  readonly type: string;
  readonly sender: UserId;
  readonly origin_server_ts: number;
  readonly content: Readonly<Record<string, unknown>>;
  readonly state_key?: string;
  /** The transaction id of the request that sent it: the homeserver tells it to the sending device only. */
  readonly transactionId?: string;
  /** Set when a redaction took its content away. */
  readonly redacted?: true;
};

const Shape = z.object({
  event_id: EventId,
  type: z.string().max(255),
  sender: UserId,
  origin_server_ts: z.number().min(0).max(8_640_000_000_000_000),
  content: z.record(z.string(), z.unknown()),
  state_key: z.string().max(255).optional(),
  unsigned: z
    .object({
      transaction_id: z.string().optional().catch(undefined),
      redacted_because: z.unknown().optional(),
    })
    .optional()
    .catch(undefined),
});

/** @returns undefined for what is no event: the homeserver made a mistake or worse, and nothing is lost by ignoring it */
export function readRawEvent(value: unknown): RawEvent | undefined {
  const parsed = Shape.safeParse(value);
  if (!parsed.success) return undefined;
  const { unsigned, state_key, ...event } = parsed.data;
  return {
    ...event,
    ...(state_key === undefined ? {} : { state_key }),
    ...(unsigned?.transaction_id === undefined ? {} : { transactionId: unsigned.transaction_id }),
    ...(unsigned?.redacted_because === undefined ? {} : { redacted: true as const }),
  };
}

export function readRawEvents(values: readonly unknown[] | undefined): RawEvent[] {
  return (values ?? []).map(readRawEvent).filter((event) => event !== undefined);
}

/** Which event a redaction takes away: room version 11 moved it into the content. */
export function redactedBy(event: RawEvent): string | undefined {
  const target = event.content["redacts"];
  return event.type === "m.room.redaction" && typeof target === "string" ? target : undefined;
}
