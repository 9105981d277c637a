import type { UserId } from "../ids.ts";
import type { SigningKey } from "../signed/statement.ts";
import {
  NOTHING_BEFORE,
  rosterHash,
  type MasterKey,
  type RosterHash,
  type RosterRole,
  type RosterStatement,
} from "./statement.ts";

/** What the roster says of a person, for a time. */
export type RosterEntry = {
  readonly masterKey: MasterKey;
  readonly role: RosterRole;
  /** An admin's signs statements; a member's is kept for the day they become one. */
  readonly signingKey: SigningKey | undefined;
  /** By the clocks of those who signed; along the chain they never go back. */
  readonly from: number;
  /** When it was replaced or ended, or the end that it was given. */
  readonly to: number | undefined;
  /** The admin who signed it. */
  readonly by: UserId;
};

/** The roster as its statements leave it. */
export type Roster = {
  /** All that was ever said of each person, oldest first. */
  readonly entries: ReadonlyMap<UserId, readonly RosterEntry[]>;
  /** What stands: who is on the roster. */
  readonly current: ReadonlyMap<UserId, RosterEntry>;
  /** The signing keys of those who are admins. */
  readonly signers: ReadonlyMap<SigningKey, UserId>;
  /** Whose every signing key is that ever counted. */
  readonly owners: ReadonlyMap<SigningKey, UserId>;
  /** The hashes of the statements, in their order. */
  readonly hashes: readonly RosterHash[];
  /** The time of the newest statement. */
  readonly clock: number;
};

export const EMPTY_ROSTER: Roster = {
  entries: new Map(),
  current: new Map(),
  signers: new Map(),
  owners: new Map(),
  hashes: [],
  clock: 0,
};

/** Why a statement does not count. A closed list. */
export type RosterRefusal =
  /** It does not follow on the one that stands before it. */
  | "forked"
  /** A founding that is not the first statement, or a first that is none. */
  | "not_founded"
  /** The key that signed it is no admin's at this place. */
  | "not_an_admin"
  /** The signing key is or was somebody else's, or is not new. */
  | "key_in_use"
  /** Who is to be ended is not on the roster. */
  | "nobody"
  /** It would leave nobody who can sign. */
  | "last_admin";

/** The hash that the next statement names. */
export function rosterHead(roster: Roster): RosterHash {
  return roster.hashes.at(-1) ?? NOTHING_BEFORE;
}

/**
 * The roster after one more statement (SPEC [M2]–[M5]). Pure.
 * @param statement its signature has been checked: `readRoster` does
 */
export function nextRoster(roster: Roster, statement: RosterStatement): Roster | RosterRefusal {
  const { body, key } = statement;
  if (body.index !== roster.hashes.length || body.prev !== rosterHead(roster)) return "forked";
  if ((body.kind === "found") !== (body.index === 0)) return "not_founded";
  const by = body.kind === "found" ? body.user : roster.signers.get(key);
  if (by === undefined) return "not_an_admin";
  const changed = changeOf(roster, statement, by);
  if (typeof changed === "string") return changed;

  const at = Math.max(roster.clock, statement.at);
  const { user, entry } = changed;
  const history = roster.entries.get(user) ?? [];
  const before = roster.current.get(user);
  const closed = before
    ? [...history.slice(0, -1), { ...before, to: Math.min(before.to ?? at, at) }]
    : history;
  const current = new Map(roster.current);
  const signers = new Map([...roster.signers].filter(([, owner]) => owner !== user));
  const owners = new Map(roster.owners);
  const made = entry && { ...entry, from: at, by };
  if (made) current.set(user, made);
  else current.delete(user);
  if (made?.signingKey !== undefined) {
    owners.set(made.signingKey, user);
    if (made.role === "admin") signers.set(made.signingKey, user);
  }
  if (signers.size === 0) return "last_admin";
  return {
    entries: new Map(roster.entries).set(user, made ? [...closed, made] : closed),
    current,
    signers,
    owners,
    hashes: [...roster.hashes, rosterHash(statement)],
    clock: at,
  };
}

type Change = {
  readonly user: UserId;
  /** undefined: they are off the roster. */
  readonly entry: Omit<RosterEntry, "from" | "by"> | undefined;
};

function changeOf(
  roster: Roster,
  { body, key }: RosterStatement,
  by: UserId,
): Change | "key_in_use" | "nobody" {
  switch (body.kind) {
    case "found":
      return {
        user: body.user,
        entry: { masterKey: body.master_key, role: "admin", signingKey: key, to: undefined },
      };
    case "admin":
    case "member": {
      const { user, master_key: masterKey, signing_key: signingKey } = body;
      const owner = signingKey === undefined ? user : (roster.owners.get(signingKey) ?? user);
      if (owner !== user) return "key_in_use";
      return body.kind === "admin"
        ? { user, entry: { masterKey, role: "admin", signingKey, to: undefined } }
        : { user, entry: { masterKey, role: body.role, signingKey, to: body.until } };
    }
    case "end":
      return roster.current.has(body.user) ? { user: body.user, entry: undefined } : "nobody";
    case "rotate": {
      const own = roster.current.get(by);
      if (!own) return "nobody";
      return roster.owners.has(body.signing_key)
        ? "key_in_use"
        : { user: by, entry: { ...own, signingKey: body.signing_key } };
    }
  }
}

/**
 * Whether keys may go to this person now (SPEC [M7]): what stands last on the roster decides, whatever the signers'
 * clocks say, save an end that it was given.
 * @param masterKey what the crypto machine holds for theirs, unpadded base64
 */
export function mayReceive(
  roster: Roster,
  userId: UserId,
  masterKey: string | undefined,
  now: number,
): boolean {
  const entry = roster.current.get(userId);
  return entry !== undefined && entry.masterKey === masterKey && (entry.to === undefined || now < entry.to);
}

/** Whether this person, by this master key, is an admin as the roster stands. */
export function isRosterAdmin(roster: Roster, userId: UserId, masterKey: string | undefined): boolean {
  const entry = roster.current.get(userId);
  return entry?.role === "admin" && entry.masterKey === masterKey;
}

/** Whether they were an admin at an instant: for judging later what was granted then. */
export function wasRosterAdmin(roster: Roster, userId: UserId, at: number): boolean {
  return (roster.entries.get(userId) ?? []).some(
    (entry) => entry.role === "admin" && entry.from <= at && (entry.to === undefined || at < entry.to),
  );
}
