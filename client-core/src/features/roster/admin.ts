import {
  ADMIN_ROLE,
  confirmCode,
  Instant,
  inviteProof,
  MasterKey,
  nextRoster,
  proofKey,
  rosterHash,
  rosterHead,
  signStatement,
  type InviteId,
  type Roster,
  type RosterBody,
  type RosterRole,
  type RosterStatement,
  type SigningKey,
  type UserId,
} from "@hearth/protocol";
import type { SignedInSession } from "../../session/api.ts";
import { Refusal } from "../../session/failures.ts";
import { background } from "../../workspace/background.ts";
import type { BotCommands } from "../../org/botCommands.ts";
import { isAdmin, type Org } from "../../org/org.ts";
import type { OwnProfile } from "../../org/ownProfile.ts";
import { announcedKey, announceKey } from "./announcedKey.ts";
import type { RosterBook } from "./book.ts";
import { roleInState } from "./differs.ts";
import { Later } from "../../work/retry.ts";
import { Turns } from "../../work/turns.ts";

/** What this device keeps of an invite that it made: enough to know the newcomer's keys for theirs. */
type MadeInvite = { readonly invite: InviteId; readonly key: string; readonly roles: readonly string[] };

type Said = RosterBody extends infer Body
  ? Body extends RosterBody
    ? Omit<Body, "index" | "prev">
    : never
  : never;
/** What to say about somebody, given the roster as it stands; undefined when there is nothing to say (any more). */
type Saying = (roster: Roster) => Said | undefined;

/** What is said when somebody's keys are not those that were compared. */
export const KEYS_CHANGED = "Their keys have changed since you compared. Compare again.";

const MOST_TRIES = 6;
const SHOWN_WITHIN_MS = 15_000;
const AGAIN_AFTER_MS = 5_000;
const EXPORTER = "exporter";

export type RosterAdminDeps = {
  readonly session: SignedInSession;
  readonly book: RosterBook;
  readonly bot: BotCommands;
  readonly ownProfile: OwnProfile;
  readonly org: () => Org | undefined;
  readonly now: () => number;
  readonly masterKeyOf: (userId: UserId) => Promise<string | undefined>;
  /** This person's own, only if this device holds its private half: what a server says of it does not count. */
  readonly ownMasterKey: () => Promise<string | undefined>;
};

/**
 * What an admin's client says on the roster: it founds it, lists newcomers whose proof it can check, and follows what
 * its admin does to roles and members. Each statement goes through the bot, which only keeps it.
 */
export class RosterAdmin {
  readonly #deps: RosterAdminDeps;
  readonly #saying = new Turns();
  readonly #made = new Turns();
  #looking = false;
  #lookAgain = false;
  readonly #again: Later;
  /** Admins whose new keys were compared here, and who have not told yet what they sign with now. */
  readonly #toPromote = new Set<UserId>();

  constructor(deps: RosterAdminDeps) {
    this.#deps = deps;
    this.#again = new Later(deps.session.clock);
  }

  /** The hash that a new invite names; waits for a founding that is under way. */
  async pinForInvite(): Promise<Roster["hashes"][number]> {
    const { book } = this.#deps;
    if (book.roster.hashes.length === 0) await book.changed(SHOWN_WITHIN_MS);
    if (book.roster.hashes.length > 0) return rosterHead(book.roster);
    throw new Refusal(
      "conflict",
      book.problem ??
        "The list of who may receive keys has not been begun yet. The first admin begins it by opening Hearth.",
    );
  }

  /** To be kept before the invite is made: without it nobody could know its newcomer. */
  async remember(invite: InviteId, secret: string, roles: readonly string[]): Promise<void> {
    await this.#changeMade((made) => [...made.slice(-500), { invite, key: proofKey(secret), roles }]);
  }

  /** One change after the other: invites are made side by side. */
  #changeMade(change: (made: readonly MadeInvite[]) => MadeInvite[]): Promise<void> {
    const { records } = this.#deps.session;
    return this.#made.take(async () => {
      const made = (await records.get<MadeInvite[]>("madeInvites", "all")) ?? [];
      await records.write([{ collection: "madeInvites", key: "all", value: change(made) }]);
    });
  }

  /** Founds the roster if that is this admin's to do, and lists who came by this device's invites. */
  async look(): Promise<void> {
    this.#lookAgain = true;
    if (this.#looking) return;
    this.#looking = true;
    try {
      while (this.#lookAgain && !this.#deps.session.stopped.aborted) {
        this.#lookAgain = false;
        await this.#found();
        await this.#announce();
        await this.#relist();
        await this.#rotate();
        await this.#listNewcomers();
        await this.#promote();
      }
    } catch (error) {
      // The bots are away, or slow: nothing else would bring this up again.
      this.#tryAgain();
      throw error;
    } finally {
      this.#looking = false;
    }
  }

  #tryAgain(): void {
    const { session } = this.#deps;
    if (session.stopped.aborted) return;
    this.#again.in(AGAIN_AFTER_MS, () => {
      if (!session.stopped.aborted) background(session, "looking after the roster", this.look());
    });
  }

  dispose(): void {
    this.#again.stop();
  }

  /** Whether this person's word counts on the roster. */
  async isSigner(): Promise<boolean> {
    const { publicKey } = await this.#deps.session.rosterKeys();
    return this.#deps.book.roster.signers.get(publicKey) === this.#deps.session.userId;
  }

  /**
   * An admin compared a code with somebody: their keys are theirs.
   * @param code what was compared; keys that came in between are not signed
   * @throws Refusal when the bot or the roster forbids it
   */
  async confirm(userId: UserId, code: string): Promise<void> {
    const masterKey = MasterKey.safeParse(await this.#deps.masterKeyOf(userId)).data;
    if (masterKey === undefined)
      throw new Refusal("conflict", "They have not set up encryption yet. Ask them to open Hearth first.");
    if (confirmCode(userId, masterKey) !== code) throw new Refusal("conflict", KEYS_CHANGED);
    const announced = await this.#announced(userId, masterKey);
    await this.#say((roster) => {
      const entry = roster.current.get(userId);
      if (entry?.masterKey === masterKey) return undefined;
      // The key that they signed with before is lost with the rest. An admin who has not announced another is a member
      // until they have.
      const lacks = announced === undefined && entry?.role === "admin";
      if (lacks) this.#toPromote.add(userId);
      return this.#listing(userId, masterKey, announced, lacks ? "member" : (entry?.role ?? "member"));
    });
  }

  /** Follows a change of roles that the bot has made: by org state, but only for what this admin just asked for. */
  async rolesChanged(userId: UserId, change: { given?: string; taken?: string }): Promise<void> {
    if (!(await this.isSigner())) return;
    const announced = await this.#announced(userId, this.#listedKey(userId));
    await this.#say((roster) => {
      const entry = roster.current.get(userId);
      if (!entry) return undefined;
      const matters = [ADMIN_ROLE, EXPORTER];
      const named = change.given ?? change.taken ?? "";
      if (!matters.includes(named) || (change.taken !== undefined && entry.role !== named)) return undefined;
      if (change.given === EXPORTER && entry.role === "admin") return undefined;
      const role = change.given === ADMIN_ROLE ? "admin" : change.given === EXPORTER ? EXPORTER : "member";
      if (role === entry.role) return undefined;
      return this.#listing(userId, entry.masterKey, entry.signingKey ?? announced, role);
    });
  }

  /**
   * An admin signs what the org's state says of somebody, where nobody has: see `wantsSigning`.
   * @param role what they were shown that they sign
   * @throws Refusal when the state says something else by now, or the bot or the roster forbids it
   */
  async follow(userId: UserId, role: RosterRole | "ended"): Promise<void> {
    const { org, now } = this.#deps;
    const here = org();
    if (!here || roleInState(here, userId, now()) !== role)
      throw new Refusal("conflict", "This has changed meanwhile. Look at it again.");
    const announced = await this.#announced(userId, this.#listedKey(userId));
    await this.#say((roster) => {
      const entry = roster.current.get(userId);
      if (!entry || entry.role === role) return undefined;
      if (role === "ended") return { kind: "end", user: userId };
      return this.#listing(userId, entry.masterKey, entry.signingKey ?? announced, role);
    });
  }

  /** Off the roster. To be said before the bot removes them: they must get no key in between. */
  async end(userId: UserId): Promise<void> {
    if (!(await this.isSigner())) return;
    await this.#say((roster) => (roster.current.has(userId) ? { kind: "end", user: userId } : undefined));
  }

  async #found(): Promise<void> {
    const { book, org, now, session, ownMasterKey } = this.#deps;
    const here = org();
    if (!here || here.roster.size > 0 || book.roster.hashes.length > 0) return;
    const { pin } = await session.rosterKeys();
    if (pin !== "new" || !isAdmin(here, session.userId, now())) return;
    const masterKey = MasterKey.safeParse(await ownMasterKey()).data;
    if (masterKey === undefined) return;
    const found: Said = { kind: "found", user: session.userId, master_key: masterKey };
    await this.#say((roster) => (roster.hashes.length === 0 ? found : undefined));
  }

  async #announce(): Promise<void> {
    const { org, book, session, ownProfile, ownMasterKey } = this.#deps;
    const here = org();
    if (here) await announceKey(session, here, book, ownProfile, await ownMasterKey());
  }

  async #announced(userId: UserId, masterKey: string | undefined): Promise<SigningKey | undefined> {
    const here = this.#deps.org();
    return here && announcedKey(here, userId, masterKey);
  }

  /** An admin who lost their recovery key and began anew, on a device that still has their signing key. */
  async #relist(): Promise<void> {
    if (!(await this.isSigner())) return;
    const { session, ownMasterKey } = this.#deps;
    const masterKey = MasterKey.safeParse(await ownMasterKey()).data;
    if (masterKey === undefined) return;
    await this.#say((roster) => {
      const entry = roster.current.get(session.userId);
      if (entry?.role !== "admin" || entry.masterKey === masterKey) return undefined;
      return this.#listing(session.userId, masterKey, entry.signingKey, "admin");
    });
  }

  /** Puts the key that came with a new recovery key in the place of the old one, which signs nothing more then. */
  async #rotate(): Promise<void> {
    const { session, book } = this.#deps;
    const { publicKey, next } = await session.rosterRecord.get();
    if (!next) return;
    const mine = (roster: Roster) => roster.owners.get(next.publicKey) === session.userId;
    if (await this.isSigner())
      await this.#say((roster) =>
        roster.signers.get(publicKey) === session.userId && !mine(roster)
          ? { kind: "rotate", signing_key: next.publicKey }
          : undefined,
      );
    if (mine(book.roster))
      await session.rosterRecord.update(({ v, pin, ...record }) => ({ v, pin, ...(record.next ?? next) }));
  }

  /** Makes those admins again who were one when their keys were compared, by what they have told since. */
  async #promote(): Promise<void> {
    const { org, now } = this.#deps;
    for (const userId of this.#toPromote) {
      const here = org();
      if (!here || (await this.#announced(userId, this.#listedKey(userId))) === undefined) continue;
      if (roleInState(here, userId, now()) === "admin") await this.follow(userId, "admin");
      this.#toPromote.delete(userId);
    }
  }

  async #listNewcomers(): Promise<void> {
    const { org, session } = this.#deps;
    const { records } = session;
    const here = org();
    const made = (await records.get<MadeInvite[]>("madeInvites", "all")) ?? [];
    if (!here || made.length === 0 || !(await this.isSigner())) return;
    for (const { invite, key, roles } of made) {
      const accepted = here.invites.get(invite);
      const user = accepted?.accepted_by;
      if (accepted?.status !== "accepted" || user === undefined || !accepted.keys) continue;
      const { proof, master_key, signing_key } = accepted.keys;
      const right = inviteProof(key, { org: here.orgId, invite, user, master_key, signing_key });
      if (proof === right) {
        const role = roles.includes(ADMIN_ROLE) ? "admin" : roles.includes(EXPORTER) ? EXPORTER : "member";
        await this.#say((roster) =>
          // Somebody who was ended, or whose keys were looked at since, is not brought back by an old invite.
          roster.entries.has(user) ? undefined : this.#listing(user, master_key, signing_key, role),
        );
      }
      // Good for one newcomer, right or wrong: a wrong proof means that somebody changed it on its way.
      await this.#changeMade((rest) => rest.filter((each) => each.invite !== invite));
    }
  }

  #listedKey(userId: UserId): string | undefined {
    return this.#deps.book.roster.current.get(userId)?.masterKey;
  }

  #listing(user: UserId, master_key: MasterKey, signing_key: SigningKey | undefined, role: RosterRole): Said {
    if (role !== "admin")
      return {
        kind: "member",
        user,
        master_key,
        role,
        ...(signing_key === undefined ? {} : { signing_key }),
      };
    if (signing_key === undefined)
      throw new Refusal(
        "conflict",
        "Their Hearth has not told yet what it signs with, so they can't be an admin. Ask them to open Hearth, then try again.",
      );
    return { kind: "admin", user, master_key, signing_key };
  }

  /** One statement after the other, each on what the last left. */
  #say(saying: Saying): Promise<void> {
    return this.#saying.take(() => this.#sayNow(saying));
  }

  async #sayNow(saying: Saying): Promise<void> {
    const { book, session, bot } = this.#deps;
    for (let tries = 1; ; tries += 1) {
      const statement = await this.#next(saying);
      if (!statement) return;
      const hash = rosterHash(statement);
      try {
        await bot.ask("roster sign", { statement });
      } catch (error) {
        // Another admin was quicker: their statement comes by sync, and ours goes on top of it.
        const mayHelp = error instanceof Refusal && error.code === "conflict" && tries < MOST_TRIES;
        if (!mayHelp || session.stopped.aborted) throw error;
        if (rosterHead(book.roster) === statement.body.prev) await book.changed(SHOWN_WITHIN_MS / MOST_TRIES);
        continue;
      }
      const until = session.now() + SHOWN_WITHIN_MS;
      while (!book.roster.hashes.includes(hash) && session.now() < until && !session.stopped.aborted)
        await book.changed(until - session.now());
      return;
    }
  }

  async #next(saying: Saying): Promise<RosterStatement | undefined> {
    const { book, session, org } = this.#deps;
    const here = org();
    const said = saying(book.roster);
    if (!here || !said) return undefined;
    const { publicKey, sign } = await session.rosterKeys();
    const body = {
      ...said,
      index: book.roster.hashes.length,
      prev: rosterHead(book.roster),
    };
    const at = Instant.parse(session.now());
    const statement = await signStatement<RosterStatement>(
      { v: 1, purpose: "roster", org: here.orgId, key: publicKey, at, body },
      sign,
    );
    const refused = nextRoster(book.roster, statement);
    if (refused === "not_an_admin")
      throw new Refusal(
        "not_permitted",
        "You are not an admin on the list of who may receive keys. Ask an admin who is.",
      );
    if (refused === "last_admin")
      throw new Refusal("conflict", "Somebody must be able to sign: make another admin first.");
    if (typeof refused === "string") throw new Refusal("conflict", "The roster does not allow this.");
    return statement;
  }
}
