import { sha256 } from "@noble/hashes/sha2.js";
import { z } from "zod";
import { base64url } from "../base64.ts";
import { defineState } from "../define/state.ts";
import { Instant, UserId } from "../ids.ts";
import { signedStatement, SigningKey, statementBytes, type Unsigned } from "../signed/statement.ts";

/** A user's public cross-signing master key, unpadded base64 as Matrix writes it. */
export const MasterKey = z
  .string()
  .regex(/^[A-Za-z0-9+/]{43}$/)
  .brand("MasterKey");
export type MasterKey = z.infer<typeof MasterKey>;

/** The hash of a roster statement, SHA-256 in base64url: it commits to all that came before. */
export const RosterHash = z
  .string()
  .regex(/^[A-Za-z0-9_-]{43}$/)
  .brand("RosterHash");
export type RosterHash = z.infer<typeof RosterHash>;

/** What stands in `prev` of the first statement. */
export const NOTHING_BEFORE = RosterHash.parse(base64url(new Uint8Array(32)));

export const MOST_STATEMENTS = 5_000;

/** The roles that matter for keys. All of them may receive; an admin also says who may. */
export const ROSTER_ROLES = ["admin", "exporter", "member"] as const;
export type RosterRole = (typeof ROSTER_ROLES)[number];

const place = {
  /** Place in the chain, from 0. */
  index: z.int().min(0).max(MOST_STATEMENTS),
  prev: RosterHash,
};
const person = { user: UserId, master_key: MasterKey };

export const RosterBody = z.discriminatedUnion("kind", [
  /** The first one, by the founder's own key: they are an admin. */
  z.strictObject({ kind: z.literal("found"), ...place, ...person }),
  /** From now on this person may receive, and what this key of theirs signs counts. */
  z.strictObject({ kind: z.literal("admin"), ...place, ...person, signing_key: SigningKey }),
  /** From now on, until an instant or until something else is said, this person may receive. */
  z.strictObject({
    kind: z.literal("member"),
    ...place,
    ...person,
    role: z.enum(["exporter", "member"]),
    /** Theirs, for the day they become an admin; until then it signs nothing that counts. */
    signing_key: SigningKey.optional(),
    until: Instant.optional(),
  }),
  z.strictObject({ kind: z.literal("end"), ...place, user: UserId }),
  /** The signer's own next signing key; the one that signs this is good for nothing more. */
  z.strictObject({ kind: z.literal("rotate"), ...place, signing_key: SigningKey }),
]);
export type RosterBody = z.infer<typeof RosterBody>;

export const RosterStatement = signedStatement("roster", RosterBody);
export type RosterStatement = z.infer<typeof RosterStatement>;

/** One statement of the roster. The state key is its index, in decimal. */
export const RosterEvent = defineState({
  type: "org.hearth.roster",
  words: { label: "Statement of the roster" },
  writer: "bot",
  limit: 8 * 1024,
  clearedBy: "never: each statement stays as long as the org",
  schema: RosterStatement,
  example: {
    v: 1,
    purpose: "roster",
    org: "example",
    key: "A".repeat(43),
    at: 1767225600000,
    body: {
      kind: "found",
      index: 0,
      prev: "A".repeat(43),
      user: "@example:hearth.localhost",
      master_key: "A".repeat(43),
    },
    signature: "A".repeat(86),
  },
});

/** What a later statement names as `prev`, and what people pin (SPEC [M1]). */
export function rosterHash(statement: Unsigned<RosterStatement>): RosterHash {
  return RosterHash.parse(base64url(sha256(statementBytes(statement))));
}
