import { z } from "zod";
import { defineMessage } from "../define/message.ts";
import { DeviceId, Instant, RoomId } from "../ids.ts";

/** The id of somebody's wish to read older messages; answered once. 128 random bits, base64url. */
export const AccessRequestId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{22}$/)
  .brand("AccessRequestId");
export type AccessRequestId = z.infer<typeof AccessRequestId>;

/** Why somebody asks, as far as the log says it; the words that they add travel from device to device only. */
export const ACCESS_CODES = [
  "new_device",
  "new_here",
  "handover",
  "follow_up",
  "complaint",
  "other",
] as const;
export const AccessCode = z.enum(ACCESS_CODES);
export type AccessCode = z.infer<typeof AccessCode>;

export const ACCESS_CODE_LABELS: Readonly<Record<AccessCode, string>> = {
  new_device: "New device",
  new_here: "New in the team or in a request",
  handover: "Taking over from somebody",
  follow_up: "Following up on a request",
  complaint: "Complaint or review",
  other: "Something else",
};

/** `window`: what the key window would let this person read anyway; `span`: a named, older stretch of time. */
export const AccessKind = z.enum(["window", "span"]);
export type AccessKind = z.infer<typeof AccessKind>;

/** A stretch of time, both ends included, in milliseconds since 1970. */
export type Span = { readonly from: number; readonly to: number };

/** What is asked, as the log has it too: nothing in it is sensitive. */
export const AskShape = {
  request: AccessRequestId,
  /** The device that asks: the first to get the keys, and the one that the admins are shown. */
  device: DeviceId,
  kind: AccessKind,
  code: AccessCode,
  from: Instant,
  to: Instant,
};

export const ASK_EXAMPLE = {
  request: "AAAAAAAAAAAAAAAAAAAAAA",
  device: "EXAMPLEDEVICE",
  kind: "window" as const,
  code: "new_device" as const,
  from: 1767225600000,
  to: 1768435200000,
  at: 1768435200000,
};

/** How many rooms one ask may name. Without a list it is for every room that asker and admin are both in. */
export const MOST_ASKED_ROOMS = 50;

export const KeyAskContent = z
  .object({
    v: z.literal(1),
    ...AskShape,
    at: Instant,
    rooms: z.array(RoomId).min(1).max(MOST_ASKED_ROOMS).optional(),
    /** In the asker's own words. */
    reason: z.string().max(1000).optional(),
  })
  .refine((ask) => ask.from <= ask.to, { path: ["to"], error: "the span must not end before it begins" });
export type KeyAskContent = z.infer<typeof KeyAskContent>;

/** From the asker's device to each admin's, and to the asker's own others. */
export const KeyAsk = defineMessage({
  type: "org.hearth.key_ask",
  kind: "sensitive",
  words: { label: "Ask for access to older messages" },
  schema: KeyAskContent,
  example: { v: 1, ...ASK_EXAMPLE },
});
