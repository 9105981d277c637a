import { confirmCode, UserId, type RoomId } from "@hearth/protocol";
import type { MatrixClient, Room as SdkRoom } from "../../sdk/names.ts";
import { CryptoEvent, type CryptoApi } from "../../sdk/names.ts";
import type { MemberRow } from "../../contract/index.ts";
import { Refusal } from "../../session/failures.ts";
import { identityChangesOf } from "../../sdk/identityChanges.ts";
import { cryptoOf } from "../../sdk/patches.ts";
import { identityIn, type Identity } from "../../sdk/identity.ts";
import { isMember, type Org } from "../../org/org.ts";
import type { RosterBook } from "../roster/book.ts";
import { followDevices, masterKeyOf, pinIdentity, withdrawVerification } from "../../sdk/machine.ts";
import { filterTargets } from "../../sdk/targets.ts";

/** What the roster says of somebody: listed by the keys they have, by others, or not at all. */
export type RosterState = Pick<MemberRow, "roster" | "code">;

/**
 * The one filter for who receives keys [P8]: members of the organisation who are on the roster by the very master key
 * that this device knows of theirs, and whose identity is the one that it has seen from the start (or that a person
 * has looked at since). That their devices must be signed by themselves is
 * the SDK's isolation mode, set where the client is made. The mode alone lets a changed identity through, and with a
 * verified one it stops the whole message: so the list of people is cut before the SDK sees it, and the others talk on.
 */
export class Recipients {
  readonly #client: MatrixClient;
  readonly #crypto: CryptoApi;
  readonly #org: () => Org | undefined;
  readonly #roster: RosterBook;
  readonly #now: () => number;
  readonly #onChange: (userId: UserId) => void;
  readonly #identities = new Map<UserId, Identity>();
  readonly #masterKeys = new Map<UserId, string | undefined>();
  readonly #guarded = new WeakSet<SdkRoom>();
  /** Whom the filter last let through in a room, by which master keys, and how often their identity had changed. */
  readonly #allowed = new Map<
    string,
    ReadonlyMap<UserId, { readonly key: string | undefined; readonly changes: number }>
  >();
  readonly #listener = (userId: string) => {
    // Fails only when the crypto machine is gone, and with it everything that this could change.
    this.#changed(userId).catch(() => undefined);
  };

  constructor(options: {
    client: MatrixClient;
    org: () => Org | undefined;
    roster: RosterBook;
    now: () => number;
    onChange: (userId: UserId) => void;
  }) {
    this.#client = options.client;
    this.#crypto = cryptoOf(options.client);
    this.#org = options.org;
    this.#roster = options.roster;
    this.#now = options.now;
    this.#onChange = options.onChange;
    this.#client.on(CryptoEvent.UserTrustStatusChanged, this.#listener);
  }

  dispose(): void {
    this.#client.off(CryptoEvent.UserTrustStatusChanged, this.#listener);
  }

  /** As far as it was looked up; see `look`. */
  identityOf(userId: UserId): Identity {
    return this.#identities.get(userId) ?? "none";
  }

  /** As far as their keys were looked up. */
  rosterOf(userId: UserId): RosterState {
    const masterKey = this.#masterKeys.get(userId);
    const roster = this.#roster.mayReceive(userId, masterKey, this.#now())
      ? "listed"
      : this.#roster.roster.current.has(userId) && masterKey !== undefined
        ? "other_keys"
        : "waiting";
    return { roster, ...(masterKey === undefined ? {} : { code: confirmCode(userId, masterKey) }) };
  }

  /** Their master key as the crypto machine has it now. */
  masterKeyOf(userId: UserId): Promise<string | undefined> {
    return masterKeyOf(this.#client, userId);
  }

  /**
   * Looks up identities that are not known yet: the first one seen is the one that counts, so the sooner the better.
   * @returns those that are known now and were not
   */
  async look(userIds: ReadonlySet<UserId>): Promise<UserId[]> {
    const found: UserId[] = [];
    await followDevices(this.#client, [...userIds]);
    for (const userId of userIds) {
      const known = this.#identities.get(userId);
      const key = this.#masterKeys.get(userId);
      if (known !== undefined && known !== "none" && key !== undefined) continue;
      const now = await this.#ask(userId);
      if (now !== known || key !== this.#masterKeys.get(userId)) found.push(userId);
    }
    return found;
  }

  /** Why somebody who is in a room gets no keys there; undefined when they do. */
  reasonToWithhold(userId: UserId): string | undefined {
    const org = this.#org();
    if (!org || userId === org.botUserId) return undefined;
    if (!isMember(org, userId, this.#now()))
      return "Not a member of the organisation (any more). They can't read what is written now.";
    const changed = this.identityOf(userId) === "changed";
    if (userId === this.#client.getUserId()) return changed ? OWN_CHANGED : undefined;
    if (changed) return this.rosterOf(userId).roster === "listed" ? LOOK_AT_IT : RESET;
    // Until their keys were looked up nothing is known against them.
    if (!this.#masterKeys.has(userId)) return undefined;
    return WHY_NOT[this.rosterOf(userId).roster];
  }

  /** Puts the filter before a room's encryption. To be called before each use: the SDK may have made a new object. */
  guard(room: SdkRoom): void {
    if (this.#guarded.has(room)) return;
    this.#guarded.add(room);
    filterTargets(room, async (everybody) => {
      const org = this.#org();
      if (!org) throw new Error("who belongs to the organisation is not known yet");
      const now = this.#now();
      const members = everybody.filter((member) => {
        const userId = UserId.safeParse(member.userId).data;
        return userId !== undefined && isMember(org, userId, now);
      });
      // A changed identity must be known before the filter decides: the SDK would ask for it only afterwards.
      await followDevices(
        this.#client,
        members.map((member) => member.userId),
      );
      const allowed = [];
      // First of all: what changes from here on, even if it changes back, is noticed afterwards.
      const changes = new Map(members.map(({ userId }) => [userId, identityChangesOf(this.#client, userId)]));
      for (const member of members) {
        const userId = member.userId as UserId;
        const identity = await this.#ask(userId);
        const listed = identity !== "changed" && this.rosterOf(userId).roster === "listed";
        // One's own other devices read along without the roster, by an identity that this device knows for its own.
        const own = identity === "verified" && userId === this.#client.getUserId();
        if (listed || own) allowed.push(member);
      }
      this.#allowed.set(
        room.roomId,
        new Map(
          allowed.map(({ userId }) => [
            userId as UserId,
            { key: this.#masterKeys.get(userId as UserId), changes: changes.get(userId) ?? 0 },
          ]),
        ),
      );
      return allowed;
    });
  }

  /**
   * Whether everybody whom a room's last encryption was for still has the identity that the filter decided by. The
   * crypto machine takes in new keys at any moment, also after the filter: a server that waits for just that moment
   * would get the room key sent to an identity of its making, also if it shows the true one again afterwards: so changes
   * are counted, and not just compared. To be asked before the ciphertext leaves; if it says no,
   * the session has to go, and the ciphertext with it.
   */
  async stillThose(roomId: string): Promise<boolean> {
    const allowed = [...(this.#allowed.get(roomId) ?? [])];
    for (const [userId, { key }] of allowed)
      if ((await masterKeyOf(this.#client, userId)) !== key) return false;
    return allowed.every(([userId, { changes }]) => identityChangesOf(this.#client, userId) === changes);
  }

  /** "I have looked": what this person has now is taken for theirs. */
  async accept(userId: UserId): Promise<void> {
    if ((await this.#ask(userId)) === "none")
      throw new Refusal("conflict", "They have not set up encryption yet. Ask them to open Hearth first.");
    const status = await this.#crypto.getUserVerificationStatus(userId);
    // Somebody had compared keys with who was there before: that word is taken back, or sending would fail for all.
    if (status.wasCrossSigningVerified() && !status.isCrossSigningVerified())
      await withdrawVerification(this.#client, userId);
    await pinIdentity(this.#client, userId);
    await this.#changed(userId);
  }

  /** The roster changed: whoever it lists by the keys that they have now need not be looked at by everybody. */
  async rosterChanged(): Promise<void> {
    for (const [userId, identity] of this.#identities)
      if (identity === "changed") await this.#changed(userId);
  }

  /** The next message in the room gets a new key, for those who are to have it then. */
  async renewKeys(roomId: RoomId): Promise<void> {
    await this.#crypto.forceDiscardSession(roomId);
  }

  async #ask(userId: UserId): Promise<Identity> {
    // The key first: a status is then of this key or a later one, and never "fine" for one that came meanwhile.
    const masterKey = await masterKeyOf(this.#client, userId);
    const status = await this.#crypto.getUserVerificationStatus(userId);
    let identity = identityIn(status);
    const lookedAtByAdmin = this.#roster.mayReceive(userId, masterKey, this.#now());
    // Who compared keys with them in person is asked in person; for everybody else an admin's signature is the look.
    if (identity === "changed" && lookedAtByAdmin && !status.wasCrossSigningVerified()) {
      await pinIdentity(this.#client, userId);
      identity = "fine";
    }
    this.#identities.set(userId, identity);
    this.#masterKeys.set(userId, masterKey);
    return identity;
  }

  async #changed(id: string): Promise<void> {
    const userId = UserId.safeParse(id).data;
    if (userId === undefined) return;
    const before = this.#identities.get(userId);
    const keyBefore = this.#masterKeys.get(userId);
    const now = await this.#ask(userId);
    if (before !== now || keyBefore !== this.#masterKeys.get(userId)) this.#onChange(userId);
  }
}

const RESET =
  "Their encryption was reset. They can't read what is written now, until an admin has compared codes with them in the team list.";
const LOOK_AT_IT =
  "Their encryption was reset. They can't read what you write now, until you have asked them and accepted it in the team list: you had verified the keys that they had before.";
const OWN_CHANGED =
  "The server shows keys as yours that this device doesn't know. Your other devices can't read what you write here. If you have not started over on another device, tell an admin.";

const WHY_NOT: Readonly<Record<RosterState["roster"], string | undefined>> = {
  listed: undefined,
  waiting:
    "No admin has confirmed them yet. They can't read what is written now, until an admin's Hearth has, or an admin does it in the team list.",
  other_keys:
    "Their keys are not the ones that an admin confirmed. They can't read what is written now. An admin should call them, and confirm them in the team list if it is them.",
};
