import { z } from "zod";
import { defineMessage } from "../define/message.ts";
import { defineState } from "../define/state.ts";
import { openObject } from "../define/unknown.ts";
import { DeviceId, Instant, UserId } from "../ids.ts";
import { DeviceKey, WipeMode, WipeRecord, WipeTarget } from "./record.ts";

const HASH = "A".repeat(43);
const EXAMPLE_RECORD: z.input<typeof WipeRecord> = {
  v: 1,
  purpose: "wipe",
  org: "example",
  key: HASH,
  at: 1767225600000,
  body: { target: HASH, mode: "keys" },
  signature: "A".repeat(86),
};

/** A record as the bot keeps it; the state key is its target. What the bot adds is for admins to read, and not signed. */
export const Wipe = defineState({
  type: "org.hearth.wipe",
  words: { label: "Order to destroy a device's keys" },
  writer: "bot",
  limit: 8 * 1024,
  // Readable at the web client's origin too, without a token, by whoever knows the device's key.
  clearedBy: "never: a device may come back at any time",
  schema: openObject({
    v: z.literal(1),
    record: WipeRecord,
    user: UserId,
    device: DeviceId,
    device_key: DeviceKey,
    by: UserId,
    /** When the bot published it. */
    at: Instant,
    /** `acknowledged`: the device said that its keys are gone. `unanswered`: its time to say so is over. */
    state: z.enum(["waiting", "acknowledged", "unanswered"]),
    /**
     * What the bot has ended at the homeserver; missing: it has not tried. `none`: the device could not be signed out.
     * `device`: it is, but the server's half of its root key could not be emptied. What is missing is tried again.
     */
    ended: z.enum(["none", "device", "all"]).optional(),
  }),
  example: {
    v: 1,
    record: EXAMPLE_RECORD,
    user: "@example:hearth.localhost",
    device: "ABCDEFGHIJ",
    device_key: HASH,
    by: "@other:hearth.localhost",
    at: 1767225600000,
    state: "waiting",
  },
});

export type WipeContent = z.infer<typeof Wipe.schema>;

/** A wipe that was asked for in the admin room, where nobody can sign: it waits for an admin's client. State key: the user id without its `@`. */
export const WipeWish = defineState({
  type: "org.hearth.wipe_wish",
  words: { label: "Wish to have keys destroyed" },
  writer: "bot",
  limit: 4 * 1024,
  schema: openObject({
    v: z.literal(1),
    user: UserId,
    /** Missing: all of theirs. */
    device: DeviceId.optional(),
    mode: WipeMode,
    by: UserId,
    at: Instant,
    open: z.boolean(),
  }),
  example: {
    v: 1,
    user: "@example:hearth.localhost",
    mode: "keys",
    by: "@other:hearth.localhost",
    at: 1767225600000,
    open: true,
  },
});

/** To the device itself, Olm-encrypted. */
export const KeyWipe = defineMessage({
  type: "org.hearth.key_wipe",
  kind: "system",
  words: { label: "Order to destroy keys" },
  schema: z.object({ v: z.literal(1), record: WipeRecord }),
  example: { v: 1, record: EXAMPLE_RECORD },
});

/** Its answer to the device that sent it, Olm-encrypted: sent once the root key is overwritten and the rest deleted. */
export const KeyWiped = defineMessage({
  type: "org.hearth.key_wiped",
  kind: "system",
  words: { label: "Keys are destroyed" },
  schema: z.object({ v: z.literal(1), target: WipeTarget }),
  example: { v: 1, target: HASH },
});

/**
 * What a device without a token gets for its target. The roster comes along as far as it goes: a record may be signed by
 * somebody who became an admin after this device was last online.
 */
export const WipeAnswer = z.object({
  v: z.literal(1),
  record: z.unknown(),
  roster: z.record(z.string().max(8), z.unknown()),
});
export type WipeAnswer = z.infer<typeof WipeAnswer>;
