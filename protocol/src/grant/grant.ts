import { z } from "zod";
import { defineMessage } from "../define/message.ts";
import { Instant } from "../ids.ts";
import { AccessRequestId } from "./ask.ts";

/** A grant is one message between devices, and those have to stay below the homeserver's 64 kB once encrypted. */
export const MOST_GRANT_BYTES = 40_000;
/** Of one encrypted file: what is held in memory at a time, on both sides. The homeserver takes up to a megabyte. */
export const MOST_PART_BYTES = 768 * 1024;
export const MOST_PART_SESSIONS = 4000;
export const MOST_PARTS = 120;

const base64url = (bytes: number) =>
  z.string().regex(new RegExp(`^[A-Za-z0-9_-]{${Math.ceil((bytes * 4) / 3)}}$`));

export const MediaUrl = z
  .string()
  .max(300)
  .regex(/^mxc:\/\/[\w.:-]{1,200}\/[\w-]{1,90}$/);

/** One encrypted file with room keys: AES-256-CTR, and the SHA-256 of the ciphertext. */
export const GrantPart = z.object({
  url: MediaUrl,
  key: base64url(32),
  iv: base64url(16),
  sha256: base64url(32),
  /** Of the ciphertext. */
  bytes: z.int().min(1).max(MOST_PART_BYTES),
  sessions: z.int().min(1).max(MOST_PART_SESSIONS),
});
export type GrantPart = z.infer<typeof GrantPart>;

export const KeyGrantContent = z
  .object({
    v: z.literal(1),
    request: AccessRequestId,
    from: Instant,
    to: Instant,
    /** The end: from then on the keys are deleted again, as far as the key window does not let them stay. */
    until: Instant,
    parts: z.array(GrantPart).max(MOST_PARTS),
  })
  .refine((grant) => grant.from <= grant.to, {
    path: ["to"],
    error: "the span must not end before it begins",
  });
export type KeyGrantContent = z.infer<typeof KeyGrantContent>;

/** From an admin's device to each signed device of who asked. */
export const KeyGrant = defineMessage({
  type: "org.hearth.key_grant",
  kind: "sensitive",
  words: { label: "Access to older messages" },
  schema: KeyGrantContent,
  example: {
    v: 1,
    request: "AAAAAAAAAAAAAAAAAAAAAA",
    from: 1767225600000,
    to: 1768435200000,
    until: 1769644800000,
    parts: [
      {
        url: "mxc://hearth.localhost/example",
        key: "A".repeat(43),
        iv: "A".repeat(22),
        sha256: "A".repeat(43),
        bytes: 4096,
        sessions: 8,
      },
    ],
  },
});

/** From an admin's device to those of who asked: no, or no longer. */
export const KeyAnswer = defineMessage({
  type: "org.hearth.key_answer",
  kind: "sensitive",
  words: { label: "Access is declined, or ended" },
  schema: z.object({
    v: z.literal(1),
    request: AccessRequestId,
    answer: z.enum(["declined", "revoked"]),
  }),
  example: { v: 1, request: "AAAAAAAAAAAAAAAAAAAAAA", answer: "declined" },
});
export type KeyAnswerContent = z.infer<typeof KeyAnswer.schema>;

/** How a device that got a grant stands with it: told to the admin who gave it. */
export const KeyReceipt = defineMessage({
  type: "org.hearth.key_receipt",
  kind: "sensitive",
  words: { label: "What became of an access" },
  schema: z.object({
    v: z.literal(1),
    request: AccessRequestId,
    state: z.enum(["imported", "failed", "ended"]),
    /** How many keys came in that were not here before, and how many were not taken. */
    taken: z.int().min(0),
    refused: z.int().min(0),
  }),
  example: { v: 1, request: "AAAAAAAAAAAAAAAAAAAAAA", state: "imported", taken: 8, refused: 0 },
});
export type KeyReceiptContent = z.infer<typeof KeyReceipt.schema>;
