import { z } from "zod";
import { WITH_THE_SESSION, defineRecord } from "../define/record.ts";
import { LEASE_FIELDS } from "../keys/lease.ts";

/** What the workspace must not see lies in a collection of its own, each kind under one key. */
const at = <const Key extends string>(key: Key) => ({ collection: "session", key }) as const;
const time = z.number();

export const AccountRecord = defineRecord({
  name: "records.session.account",
  stored: at("account"),
  kind: "system",
  schema: z.looseObject({
    userId: z.string(),
    deviceId: z.string(),
    deviceKey: z.string().optional(),
    cryptoMade: z.boolean(),
    encryption: z.enum(["check", "done"]),
    locked: z.string().optional(),
  }),
  example: {
    userId: "@example:hearth.localhost",
    deviceId: "EXAMPLE",
    cryptoMade: true,
    encryption: "done",
  },
  words: { label: "Whose device this is" },
  clearedBy: WITH_THE_SESSION,
});

export const TokensRecord = defineRecord({
  name: "records.session.tokens",
  stored: at("tokens"),
  kind: "system",
  schema: z.looseObject({
    accessToken: z.string(),
    refreshToken: z.string().optional(),
    expiresAt: time.optional(),
  }),
  example: { accessToken: "example" },
  words: { label: "Tokens" },
  clearedBy: WITH_THE_SESSION,
});

/** The crypto store's key, once the root key is not the one any more that it was made with. */
export const CryptoKeyRecord = defineRecord({
  name: "records.session.crypto-key",
  stored: at("crypto-key"),
  kind: "system",
  schema: z.array(z.int().min(0).max(255)).length(32),
  example: Array.from({ length: 32 }, () => 0),
  words: { label: "Key of the crypto store" },
  clearedBy: WITH_THE_SESSION,
});

export const RotationRecord = defineRecord({
  name: "records.session.rotation",
  stored: at("rotation"),
  kind: "system",
  schema: z.looseObject({ at: time, blockMs: z.number(), pruned: z.boolean() }),
  example: { at: 1767225600000, blockMs: 86_400_000, pruned: false },
  words: { label: "When the storage was last rotated" },
  clearedBy: WITH_THE_SESSION,
});

export const LastContactRecord = defineRecord({
  name: "records.session.lease",
  stored: at("lease"),
  kind: "system",
  schema: z.looseObject(LEASE_FIELDS),
  example: {
    leaseMs: 259_200_000,
    server: 1767225600000,
    device: 1767225600000,
    ranMs: 0,
    named: 1767225600000,
    agreed: { at: 1767225600000, ranMs: 0 },
    doubtedMs: 0,
  },
  words: { label: "Last contact" },
  clearedBy: WITH_THE_SESSION,
});

export const JoinRecord = defineRecord({
  name: "records.session.join",
  stored: at("join"),
  kind: "system",
  schema: z.looseObject({
    link: z.looseObject({ org: z.string(), bot: z.string(), invite: z.string() }),
    userName: z.string(),
    displayName: z.string(),
    step: z.enum(["registering", "asking", "joining", "profile"]),
    commandId: z.string(),
  }),
  example: {
    link: { org: "example", bot: "@example-bot:hearth.localhost", invite: "AAAAAAAAAAAAAAAAAAAAAA" },
    userName: "example",
    displayName: "Example Person",
    step: "asking",
    commandId: "AAAAAAAAAAAAAAAAAAAAAA",
  },
  words: { label: "A join that is under way" },
  clearedBy: WITH_THE_SESSION,
  ends: "the end of the join",
});

export const RecoveryKeyRecord = defineRecord({
  name: "records.session.recovery-key",
  stored: at("recovery-key"),
  kind: "system",
  schema: z.string(),
  example: "EsTT example",
  words: { label: "Recovery key that is not kept yet" },
  clearedBy: WITH_THE_SESSION,
  ends: "the person's word that it is kept",
});

/** The key to sign with stays with whoever is an admin no more: they may become one again, and it signs nothing till then. */
export const SigningRecord = defineRecord({
  name: "records.session.roster",
  stored: at("roster"),
  kind: "system",
  schema: z.looseObject({
    v: z.literal(1),
    privateKey: z.string(),
    publicKey: z.string(),
    pin: z.string(),
  }),
  example: { v: 1, privateKey: "A".repeat(64), publicKey: "A".repeat(43), pin: "new" },
  words: { label: "Key to sign with, and which roster to believe" },
  clearedBy: WITH_THE_SESSION,
});

/** That the server may have a half of the root key. The half itself is nowhere on the device. */
export const ServerHalfRecord = defineRecord({
  name: "records.session.server-half",
  stored: at("server-half"),
  kind: "system",
  schema: z.literal(true),
  example: true,
  words: { label: "That the server may have a half of the key" },
  clearedBy: WITH_THE_SESSION,
});
