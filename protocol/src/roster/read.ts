import type { OrgId } from "../ids.ts";
import { isSigned, type Verify } from "../signed/statement.ts";
import { EMPTY_ROSTER, nextRoster, type Roster, type RosterRefusal } from "./roster.ts";
import { MOST_STATEMENTS, rosterHash, RosterStatement, type RosterHash } from "./statement.ts";

/** Why the chain was followed no further. A closed list. */
export type RosterProblem =
  | RosterRefusal
  /** A statement is missing between others. */
  | "gap"
  | "malformed"
  | "other_org"
  | "bad_signature"
  /** The chain lacks what was pinned or seen before: another org's roster, or an old copy of this one. */
  | "not_pinned";

export type RosterReading = {
  /** What counts. Nobody is on it when it is not the pinned one. */
  readonly roster: Roster;
  /** Where it broke off, and why: what follows is not known, and whoever shows the roster says so. */
  readonly refused: { readonly index: number; readonly reason: RosterProblem } | undefined;
};

/** The contents of the roster's state events, by their state keys. */
export type RosterPages = ReadonlyMap<string, unknown>;

type Reader = { readonly org: OrgId; readonly verify: Verify };

/**
 * Follows the chain to the first statement that does not count (SPEC [M6]).
 * @param options.pins hashes that must be in it: what came with the invite link
 * @param options.known what this client has read so far: it stands, and the chain must go on from it
 */
export async function readRoster(
  pages: RosterPages,
  options: Reader & { readonly pins: readonly RosterHash[]; readonly known?: Roster },
): Promise<RosterReading> {
  let roster = options.known ?? EMPTY_ROSTER;
  let refused: RosterReading["refused"];
  const newest = roster.hashes.length - 1;
  if (newest >= 0) {
    const standing = RosterStatement.safeParse(pages.get(String(newest)));
    if (!standing.success || rosterHash(standing.data) !== roster.hashes[newest])
      return { roster, refused: { index: newest, reason: "not_pinned" } };
  }
  for (let index = newest + 1; index < Math.min(pages.size, MOST_STATEMENTS); index += 1) {
    const next = await followed(roster, pages.get(String(index)), options);
    if (typeof next === "string") {
      refused = { index, reason: next };
      break;
    }
    roster = next;
  }
  const missing = options.pins.some((pin) => !roster.hashes.includes(pin));
  return missing
    ? { roster: EMPTY_ROSTER, refused: refused ?? { index: roster.hashes.length, reason: "not_pinned" } }
    : { roster, refused };
}

/** The roster after what may be a statement, or why it does not count. */
export async function followed(
  roster: Roster,
  page: unknown,
  { org, verify }: Reader,
): Promise<Roster | RosterProblem> {
  if (page === undefined) return "gap";
  const statement = RosterStatement.safeParse(page);
  if (!statement.success) return "malformed";
  if (statement.data.org !== org) return "other_org";
  const next = nextRoster(roster, statement.data);
  if (typeof next === "string") return next;
  return (await isSigned(statement.data, verify)) ? next : "bad_signature";
}
