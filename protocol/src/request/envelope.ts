import { z } from "zod";
import { DeviceId, Instant, LogEntryId } from "../ids.ts";

/**
 * What every entry of a request's log carries inside its ciphertext, beside its own fields. The homeserver can
 * repeat, hold back and reorder events; these let a reader notice.
 */
export const envelope = {
  v: z.literal(1),
  /** Unique; a repeated one is ignored. */
  id: LogEntryId,
  /** The device that wrote it, and that device's own count of entries in this room, from 1. */
  device: DeviceId,
  seq: z.int().min(1).max(1_000_000),
  /** The writer's clock. Shown, never used for order. */
  at: Instant,
  /** The ids of the newest entries the writer had folded: nothing older than these was missing for them. */
  heads: z.array(LogEntryId).max(20),
};

export const Envelope = z.object(envelope);
export type Envelope = z.infer<typeof Envelope>;

/** The envelope of an entry of any version: it is the same in all, so that a reader of an older one can count it. */
export const AnyEnvelope = Envelope.extend({ v: z.int().min(1) });
export type AnyEnvelope = z.infer<typeof AnyEnvelope>;
