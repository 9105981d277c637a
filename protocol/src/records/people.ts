import { z } from "zod";
import { WITH_THE_SESSION, defineRecord } from "../define/record.ts";

/** The chain as far as it was read: the server can't take back what stands here. */
export const RosterRecord = defineRecord({
  name: "records.roster",
  stored: { collection: "roster", key: "chain" },
  kind: "org",
  schema: z.looseObject({
    v: z.literal(1),
    org: z.string(),
    pages: z.array(z.tuple([z.string(), z.unknown()])),
  }),
  example: { v: 1, org: "example", pages: [] },
  words: { label: "The roster as it was read" },
  clearedBy: WITH_THE_SESSION,
});

/** By which an admin's client knows who came by its own invites (SPEC [V3]). */
export const MadeInvitesRecord = defineRecord({
  name: "records.madeInvites",
  stored: { collection: "madeInvites", key: "all" },
  kind: "system",
  schema: z.array(z.looseObject({ invite: z.string(), key: z.string(), roles: z.array(z.string()) })),
  example: [{ invite: "AAAAAAAAAAAAAAAAAAAAAA", key: "A".repeat(43), roles: ["responder"] }],
  words: { label: "Invites that were made here" },
  clearedBy: WITH_THE_SESSION,
});

const Seen = z.looseObject({ at: z.number(), signed: z.boolean(), fresh: z.boolean() });

/** The devices of each person that this one has seen, so that new ones are noticed. */
export const SeenDevicesRecord = defineRecord({
  name: "records.seenDevices",
  stored: { collection: "seenDevices", key: "all" },
  kind: "org",
  schema: z.array(z.tuple([z.string(), z.array(z.tuple([z.string(), Seen]))])),
  example: [["@example:hearth.localhost", [["EXAMPLE", { at: 1767225600000, signed: true, fresh: false }]]]],
  words: { label: "Devices that were seen" },
  clearedBy: WITH_THE_SESSION,
});

/** New devices that can't know a request, by its room, and from which event of it on; see `Unserved` of the client. */
export const UnservedRecord = defineRecord({
  name: "records.unserved",
  stored: { collection: "signedDevices", key: "unserved" },
  kind: "org",
  schema: z.array(z.tuple([z.string(), z.array(z.tuple([z.string(), z.string().nullable()]))])),
  example: [["!example", [["@example:hearth.localhost|EXAMPLE", "$example"]]]],
  words: { label: "Devices that wait for a summary" },
  clearedBy: WITH_THE_SESSION,
});

/** The signed devices of each person: one that came while this client was off gets a summary. */
export const SignedDevicesRecord = defineRecord({
  name: "records.signedDevices",
  stored: { collection: "signedDevices", key: "all" },
  kind: "org",
  schema: z.array(z.tuple([z.string(), z.array(z.string())])),
  example: [["@example:hearth.localhost", ["EXAMPLE"]]],
  words: { label: "Signed devices" },
  clearedBy: WITH_THE_SESSION,
});
