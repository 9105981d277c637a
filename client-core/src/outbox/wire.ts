import { z } from "zod";

/** What a homeserver takes as one event is 65,536 bytes (spec, "Size limits"); the rest of the event needs room too. */
const MAX_WIRE_BYTES = 63_000;

const Base64 = z.string().regex(/^[A-Za-z0-9+/]+={0,2}$/);
const Id = z.string().max(255);

/** Exactly what the homeserver's module lets into a sensitive room. [P1] */
const Wire = z.strictObject({
  algorithm: z.literal("m.megolm.v1.aes-sha2"),
  ciphertext: Base64,
  session_id: Base64,
  sender_key: Base64,
  device_id: Id,
  "m.relates_to": z
    .strictObject({
      rel_type: Id.optional(),
      event_id: Id.optional(),
      is_falling_back: z.boolean().optional(),
      "m.in_reply_to": z.strictObject({ event_id: Id }).optional(),
    })
    .optional(),
});

/**
 * The content as it goes over the wire.
 * @throws when anything but ciphertext and ids is in it: then nothing is sent, whatever made it so
 */
export function toWire(content: unknown): Record<string, unknown> {
  return Wire.parse(content);
}

export function isTooLarge(content: Record<string, unknown>): boolean {
  return new TextEncoder().encode(JSON.stringify(content)).length > MAX_WIRE_BYTES;
}

/** Whether a content will be too large once it is encrypted: base64 makes four bytes of three, and padding adds some. */
export function willBeTooLarge(content: unknown): boolean {
  return (new TextEncoder().encode(JSON.stringify(content)).length * 4) / 3 + 1500 > MAX_WIRE_BYTES;
}

export const TOO_LARGE = "This is too long to be sent in one piece. Make it shorter, or send it in parts.";
