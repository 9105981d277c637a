import { z } from "zod";
import { IN_THE_WINDOW, OF_THE_ROLE, WITH_THE_SESSION, defineRecord } from "../define/record.ts";

/** In which block a room's outbound session was begun (SPEC [K2]). */
export const OutboundBlockRecord = defineRecord({
  name: "records.keyBlocks",
  stored: { collection: "keyBlocks" },
  kind: "org",
  schema: z.looseObject({ block: z.number(), sessionId: z.string(), policy: z.string() }),
  example: { block: 1767225600000, sessionId: "example", policy: "$example" },
  words: { label: "Block of a room's own session" },
  clearedBy: WITH_THE_SESSION,
});

/**
 * Where each session of a room stands in time (SPEC [K4]). It outlives the keys: one that comes once more is as old as it
 * was.
 */
export const KeyAgesRecord = defineRecord({
  name: "records.keyAges",
  stored: { collection: "keyAges" },
  kind: "org",
  schema: z.looseObject({
    v: z.literal(1),
    at: z.record(z.string(), z.number()),
    /** Those whose keys this device has deleted. */
    deleted: z.array(z.string()).optional(),
    /** Who was asked for a new session, by user id: the block in which. */
    asked: z.record(z.string(), z.number()).optional(),
  }),
  example: {
    v: 1,
    at: { example: 1767225600000 },
    deleted: ["example"],
    asked: { "@example:hearth.localhost": 1767225600000 },
  },
  words: { label: "Ages of room keys" },
  clearedBy: WITH_THE_SESSION,
});

/** Which keys are being deleted: what was interrupted goes on. */
export const PrunePlanRecord = defineRecord({
  name: "records.prunePlan",
  stored: { collection: "prunePlan", key: "plan" },
  kind: "system",
  schema: z.looseObject({
    v: z.literal(1),
    keys: z.array(z.looseObject({ roomId: z.string(), sessionId: z.string() })),
  }),
  example: { v: 1, keys: [{ roomId: "!example", sessionId: "example" }] },
  words: { label: "Keys that are being deleted" },
  clearedBy: IN_THE_WINDOW,
  ends: "their deletion",
});

/** How far the key backup was brought back. */
export const RestoreRecord = defineRecord({
  name: "records.backupRestore",
  stored: { collection: "backupRestore", key: "restore" },
  kind: "system",
  schema: z.looseObject({
    version: z.string(),
    rooms: z.array(z.string()),
    restored: z.number(),
    done: z.boolean(),
  }),
  example: { version: "1", rooms: ["!example"], restored: 8, done: false },
  words: { label: "How far the key backup was restored" },
  clearedBy: OF_THE_ROLE,
});

/** Since when this device has keys, where it began without those of what was before. */
export const BeganRecord = defineRecord({
  name: "records.began",
  stored: { collection: "began", key: "at" },
  kind: "system",
  schema: z.number(),
  example: 1767225600000,
  words: { label: "Since when this device can read" },
  clearedBy: WITH_THE_SESSION,
  ends: "the person's word that they have read it",
});
