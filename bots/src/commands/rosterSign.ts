import { createPublicKey, verify } from "node:crypto";
import {
  EMPTY_ROSTER,
  fromBase64url,
  isAdminAt,
  nextRoster,
  RosterEvent,
  RosterStatement,
  statementBytes,
} from "@hearth/protocol";
import type { Roster, RosterRefusal, Statement } from "@hearth/protocol";
import { done, refuse } from "./implementation.ts";
import type { CommandImplementation } from "./implementation.ts";

/** How far an admin's clock may be from the homeserver's: the statement's time tells who was an admin when. */
export const CLOCK_TOLERANCE_MS = 600_000;

const SENTENCES: Record<RosterRefusal, string> = {
  forked: "Another admin has changed the roster meanwhile. It is tried again by itself; else reload Hearth.",
  not_founded: "The roster has been founded already.",
  not_an_admin: "Your signing key is not an admin's on the roster. Ask an admin who is on it.",
  key_in_use: "That signing key is somebody else's.",
  nobody: "That person is not on the roster.",
  last_admin: "Somebody must be able to sign: make another admin first.",
};

/**
 * The bot adds nothing to the roster's truth: each client checks it for itself, from what it has pinned. What would not
 * count is kept out, because every client would stop reading there.
 */
export const rosterSign: CommandImplementation<"roster sign"> = {
  authorise({ org, orgId, actor, at, now }, { statement }) {
    if (!isAdminAt(org, actor, now))
      return refuse("not_permitted", "Only an admin signs the roster. Ask one.");
    if (statement.org !== orgId) return refuse("bad_arguments", "This is for another organisation's roster.");
    if (Math.abs(statement.at - at) > CLOCK_TOLERANCE_MS)
      return refuse("bad_arguments", "This device's clock is wrong. Set it right, then try again.");
    return undefined;
  },
  plan({ org, actor }, { statement }) {
    const { body, key } = statement;
    // What is there already when an interrupted command is carried on follows on what was there before it.
    const before = rosterUpTo(org.roster, body.index);
    const next = before && nextRoster(before, statement);
    if (!next)
      return refuse("internal", "The roster that the server holds can't be read. Ask whoever hosts Hearth.");
    const standing = org.roster.get(String(body.index));
    if (typeof next === "string" || (standing !== undefined && !isSame(standing, statement)))
      return refuse("conflict", SENTENCES[typeof next === "string" ? next : "forked"]);
    if ((body.kind === "found" ? body.user : before.signers.get(key)) !== actor)
      return refuse("not_permitted", "Everybody signs with their own key only.");
    if (!isSignedNow(statement))
      return refuse("bad_arguments", "The signature does not hold. Reload Hearth.");
    return done([{ do: "org state", type: RosterEvent.type, key: String(body.index), content: statement }]);
  },
  render: () => "The roster has been changed.",
};

/** @returns undefined when what stands there can't be followed so far */
export function rosterUpTo(pages: ReadonlyMap<string, unknown>, count: number): Roster | undefined {
  let roster = EMPTY_ROSTER;
  for (let index = 0; index < count && pages.has(String(index)); index += 1) {
    const statement = RosterStatement.safeParse(pages.get(String(index)));
    const next = statement.success ? nextRoster(roster, statement.data) : undefined;
    if (next === undefined || typeof next === "string") return undefined;
    roster = next;
  }
  return roster;
}

function isSame(standing: unknown, { signature }: RosterStatement): boolean {
  return RosterStatement.safeParse(standing).data?.signature === signature;
}

/** Node's own Ed25519, which does not wait: planning is synchronous. */
export function isSignedNow(statement: Statement): boolean {
  const signature = fromBase64url(statement.signature);
  if (!signature) return false;
  try {
    const key = createPublicKey({
      format: "jwk",
      key: { kty: "OKP", crv: "Ed25519", x: statement.key },
    });
    return verify(null, statementBytes(statement), key, signature);
  } catch {
    // No point on the curve.
    return false;
  }
}
