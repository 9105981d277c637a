import { z } from "zod";
import { IN_THE_WINDOW, WITH_THE_SESSION, defineRecord } from "../define/record.ts";

/** State and log as the server gave them, and what was folded of them. */
export const RoomRecord = defineRecord({
  name: "records.rooms",
  stored: { collection: "rooms" },
  kind: "sensitive",
  schema: z.looseObject({
    v: z.literal(1),
    state: z.array(z.unknown()),
    log: z.array(z.unknown()),
    start: z.looseObject({ kind: z.string() }),
    base: z.unknown(),
    digest: z.unknown(),
  }),
  example: { v: 1, state: [], log: [], start: { kind: "beginning" }, base: null, digest: {} },
  words: { label: "Room" },
  clearedBy: IN_THE_WINDOW,
});

export const OutboxRecord = defineRecord({
  name: "records.outbox",
  stored: { collection: "outbox" },
  kind: "sensitive",
  schema: z.looseObject({
    localId: z.string(),
    order: z.number(),
    roomId: z.string(),
    txnId: z.string(),
    createdAt: z.number(),
    // Closed: what this version does not know how to do stays, and is told of, and nothing else waits for it.
    work: z.looseObject({ kind: z.enum(["create", "entry", "snapshot", "message", "lifecycle", "invite"]) }),
    state: z.looseObject({ kind: z.enum(["queued", "sending", "sent", "failed"]) }),
  }),
  example: {
    localId: "AAAAAAAAAAAAAAAAAAAAAA",
    order: 1,
    roomId: "!example",
    txnId: "AAAAAAAAAAAAAAAAAAAAAA",
    createdAt: 1767225600000,
    work: { kind: "message", content: { msgtype: "m.text", body: "Example: on my way" } },
    state: { kind: "queued" },
  },
  words: { label: "Something that waits to be sent" },
  clearedBy: WITH_THE_SESSION,
  ends: "being sent or discarded",
});

/** Up to which event a room was read. */
export const ReadMark = defineRecord({
  name: "records.reads",
  stored: { collection: "reads" },
  kind: "org",
  schema: z.string(),
  example: "$example",
  words: { label: "How far a room was read" },
  clearedBy: WITH_THE_SESSION,
});

/** Which real room a request lives in that began as a local one. */
export const AliasesRecord = defineRecord({
  name: "records.aliases",
  stored: { collection: "aliases", key: "all" },
  kind: "org",
  schema: z.array(z.tuple([z.string(), z.string()])),
  example: [["local-example", "!example"]],
  words: { label: "Rooms that began as local ones" },
  clearedBy: WITH_THE_SESSION,
});

/**
 * What no version of a record fits, put aside before something took its place: another version may know what it says. Without
 * a value it lies where it lay, and this says since when: a key window after `at` (ms since 1970) both go, because nobody can
 * take out of it what is past.
 */
export const UnreadableRecord = defineRecord({
  name: "records.unreadable",
  stored: { collection: "unreadable" },
  kind: "sensitive",
  schema: z.looseObject({
    collection: z.string(),
    key: z.string(),
    value: z.unknown().optional(),
    at: z.number().optional(),
  }),
  example: { collection: "rooms", key: "!example", value: { v: 99 }, at: 1_764_547_200_000 },
  words: { label: "Something that this version can't read" },
  clearedBy: IN_THE_WINDOW,
  ends: "a key window after it was first met",
});
