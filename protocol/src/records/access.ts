import { z } from "zod";
import { OF_THE_ROLE, WITH_THE_SESSION, defineRecord } from "../define/record.ts";
import { ASK_EXAMPLE } from "../grant/ask.ts";

const version = { v: z.literal(1) };
const at = <const Key extends string>(key: Key) => ({ collection: "access", key }) as const;
const Ask = z.looseObject({ request: z.string() });

/** An ask of this person's own, and what came of it. */
export const OwnAskRecord = defineRecord({
  name: "records.access.own",
  stored: at("own:*"),
  kind: "sensitive",
  schema: z.looseObject({ ...version, ask: Ask, state: z.string(), sent: z.boolean() }),
  example: { v: 1, ask: ASK_EXAMPLE, state: "waiting", sent: true, done: 0, taken: 0, refused: 0 },
  words: { label: "An ask of one's own for older messages" },
  clearedBy: WITH_THE_SESSION,
  ends: "the end of the access",
});

/** Somebody's ask, on an admin's device. */
export const TheirAskRecord = defineRecord({
  name: "records.access.their",
  stored: at("their:*"),
  kind: "sensitive",
  schema: z.looseObject({ ...version, from: z.string(), ask: Ask, state: z.string() }),
  example: {
    v: 1,
    from: "@example:hearth.localhost",
    ask: ASK_EXAMPLE,
    receivedAt: 1768435200000,
    state: "waiting",
    parts: [],
    devices: {},
  },
  words: { label: "Somebody's ask for older messages" },
  clearedBy: OF_THE_ROLE,
  ends: "the end of the access",
});

/** Which keys are to be given, so that a grant that broke off goes on as it began. The keys themselves are not in it. */
export const GatheredRecord = defineRecord({
  name: "records.access.gathered",
  stored: at("gathered:*"),
  kind: "sensitive",
  schema: z.array(z.looseObject({ roomId: z.string(), sessionId: z.string(), at: z.number() })),
  example: [{ roomId: "!example", sessionId: "example", at: 1767225600000 }],
  words: { label: "Which keys are to be given" },
  clearedBy: OF_THE_ROLE,
  ends: "the end of the access",
});

/** Which of a room's keys came by a grant, and from whom. */
export const SharedKeysRecord = defineRecord({
  name: "records.access.shared",
  stored: at("shared:*"),
  kind: "sensitive",
  schema: z.looseObject({ ...version, sessions: z.record(z.string(), z.looseObject({ by: z.string() })) }),
  example: {
    v: 1,
    sessions: { example: { request: "AAAAAAAAAAAAAAAAAAAAAA", by: "@example:hearth.localhost" } },
  },
  words: { label: "Keys that came by a grant" },
  clearedBy: WITH_THE_SESSION,
  ends: "the end of the access",
});

/** A message between devices that came and is not dealt with yet. */
export const InboxRecord = defineRecord({
  name: "records.access.inbox",
  stored: at("inbox:*"),
  kind: "sensitive",
  schema: z.looseObject({
    ...version,
    received: z.looseObject({ type: z.string(), content: z.unknown() }),
  }),
  example: { v: 1, received: { type: "org.hearth.key_answer", content: {}, info: null } },
  words: { label: "A message about access that came" },
  clearedBy: WITH_THE_SESSION,
  ends: "its having been dealt with",
});

/** That this admin's device answers asks for the key window by itself, and up to which. */
export const AnswersAloneRecord = defineRecord({
  name: "records.access.alone",
  stored: at("alone"),
  kind: "org",
  schema: z.looseObject({ ...version, window: z.string() }),
  example: { v: 1, window: "P14D" },
  words: { label: "That this device answers by itself" },
  clearedBy: OF_THE_ROLE,
  ends: "being switched off",
});
