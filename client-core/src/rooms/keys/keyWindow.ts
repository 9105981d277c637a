import {
  isMisdated,
  keyBlock,
  isPastWindow,
  keptUntil,
  keyTimes,
  sessionTime,
  toMs,
  windowStart,
  type KeyTimes,
  type RoomId,
  type SureTime,
  type UserId,
} from "@hearth/protocol";
import type { RecordChange, Records, RoomKeyRef } from "../../session/api.ts";
import type { GrantedKeys } from "./grantedKeys.ts";
import { isAdmin, type Org } from "../../org/org.ts";
import type { PolicyNow } from "../../org/policy.ts";

export type KeyWindowDeps = {
  readonly me: UserId;
  readonly records: Pick<Records, "all" | "write">;
  readonly org: () => Org | undefined;
  readonly policy: PolicyNow;
  /** Whether admins have signed that this person is one: a role that the server claims keeps no old keys. [P8] */
  readonly isSignedAdmin: () => boolean;
  /** The time that the organisation's roles are read at. */
  readonly now: () => number;
  /** What this device's clock says: what is past by it is not shown. */
  readonly clock: () => number;
  /** By which time keys are destroyed. */
  readonly sure: () => SureTime;
  /** Keys that came by a grant: they may be older, until its end. */
  readonly granted?: GrantedKeys;
};

export type Hiding = {
  /** What this key opens. */
  key(key: RoomKeyRef): boolean;
  /** What was said then. */
  instant(at: number): boolean;
};

type StoredAges = {
  readonly v: 1;
  /** Where each session stands in time (SPEC [K4]), by its id. */
  readonly at: Readonly<Record<string, number>>;
  readonly deleted?: readonly string[];
  readonly asked?: Readonly<Record<string, number>>;
};

/** Of so many of a room's newest that were deleted it is remembered. */
const MOST_DELETED = 200;

/** What is known of a room's sessions, by their ids. */
type Sessions = {
  readonly at: Map<string, number>;
  /** Those whose key was here and was deleted. */
  readonly deleted: Set<string>;
  /** Who was asked for a new session, and in which block. */
  readonly asked: Map<string, number>;
};
const noSessions = (): Sessions => ({ at: new Map(), deleted: new Set(), asked: new Map() });

/**
 * Which room keys this device may still use [P3]: those whose block is within the policy's window (SPEC [K3], [K4]).
 * It knows of each session how early it was used or came, also after its key was deleted, so that a key that comes
 * once more, with an invite or late, is as old as it was.
 */
export class KeyWindow {
  readonly #deps: KeyWindowDeps;
  readonly #rooms = new Map<RoomId, Sessions>();
  readonly #dirty = new Set<RoomId>();
  #loaded = false;

  constructor(deps: KeyWindowDeps) {
    this.#deps = deps;
  }

  async load(): Promise<void> {
    for (const { key, value } of await this.#deps.records.all<StoredAges>("keyAges")) {
      if (value.v !== 1) continue;
      const roomId = key as RoomId;
      const seen = this.#rooms.get(roomId);
      this.#rooms.set(roomId, {
        at: new Map(Object.entries(value.at)),
        deleted: new Set(value.deleted),
        asked: new Map(Object.entries(value.asked ?? {})),
      });
      // What the rooms had to say before.
      for (const [sessionId, at] of seen?.at ?? []) this.note({ roomId, sessionId }, at);
    }
    this.#loaded = true;
  }

  /** Whether this device keeps keys however old they are: an admin's does, and one that doesn't know its org yet. */
  get exempt(): boolean {
    const { org, me, now, sure, isSignedAdmin } = this.#deps;
    const known = org();
    if (!known) return true;
    // A role that ends or begins by a clock that is not believed destroys nothing either.
    return (isAdmin(known, me, now()) || isAdmin(known, me, sure().at)) && isSignedAdmin();
  }

  /** The instant from which on messages are kept; undefined when all are. */
  get start(): number | undefined {
    const now = this.#deps.sure().at;
    return this.exempt || now === -Infinity ? undefined : windowStart(this.#times, now);
  }

  /** In how many milliseconds the next block will be past the window, for what is kept or shown, or the clock believed. */
  get changesInMs(): number {
    const clocks = this.#clocks.filter((now) => Number.isFinite(now));
    const { isDoubted, believedInMs } = this.#deps.sure();
    return Math.min(...clocks.map((now) => this.#nextChange(now) - now), isDoubted ? believedInMs : Infinity);
  }

  /** Differs whenever other keys than before may be past. */
  get stamp(): string {
    return this.#stampAt(this.#deps.sure().at);
  }

  /** Differs whenever something else than before may be shown. */
  get shownStamp(): string {
    return `${this.#clocks.map((now) => this.#stampAt(now)).join()} ${this.#deps.sure().isDoubted}`;
  }

  /** Whether this key is past the window, by all that is known of it, and no grant lets it stay. */
  isPast(key: RoomKeyRef): boolean {
    return this.#isPastAt(key, this.#deps.sure().at);
  }

  isPastInstant(at: number): boolean {
    return !this.exempt && isPastWindow(at, this.#times, this.#deps.sure().at);
  }

  /**
   * What is here and not to be shown: past by the device's clock, which is not believed yet. Undefined where there is
   * none, since what is past is destroyed.
   */
  get hiding(): Hiding | undefined {
    const { clock, sure } = this.#deps;
    const now = clock();
    if (now <= sure().at || this.exempt) return undefined;
    const times = this.#times;
    return { key: (key) => this.#isPastAt(key, now), instant: (at) => isPastWindow(at, times, now) };
  }

  get #clocks(): number[] {
    return [this.#deps.clock(), this.#deps.sure().at];
  }

  #isPastAt(key: RoomKeyRef, now: number): boolean {
    if (this.exempt) return false;
    const { granted } = this.#deps;
    if (granted?.hasEnded(key)) return true;
    const at = this.note(key);
    return isPastWindow(at, this.#times, now) && granted?.covers(key, at, now) !== true;
  }

  #nextChange(now: number): number {
    const block = keptUntil(windowStart(this.#times, now), this.#times) + 1;
    return Math.min(block, this.#deps.granted?.nextEnd(now) ?? block);
  }

  #stampAt(now: number): string {
    const start = this.exempt ? "all" : windowStart(this.#times, now);
    return `${start} ${this.#deps.granted?.stamp(now) ?? ""}`;
  }

  /** Takes note of when a session was used, or came. @returns whether it is past the window */
  see(key: RoomKeyRef, ...seen: readonly (number | undefined)[]): boolean {
    this.note(key, ...seen);
    return this.isPast(key);
  }

  /** As `see`. @returns where the session stands in time; infinity if nothing is known of it */
  note({ roomId, sessionId }: RoomKeyRef, ...seen: readonly (number | undefined)[]): number {
    const known = this.#rooms.get(roomId)?.at.get(sessionId);
    const at = sessionTime(known, ...seen);
    if (at !== known && Number.isFinite(at)) this.#of(roomId).at.set(sessionId, at);
    return at;
  }

  /** Whether the server's date for an event can't be when it was encrypted. */
  doubts(block: number | undefined, serverTs: number): boolean {
    return isMisdated(block, serverTs, this.#times);
  }

  /** These keys are here no more; noted with the next save. */
  deleted(keys: readonly RoomKeyRef[]): void {
    for (const { roomId, sessionId } of keys) this.#of(roomId).deleted.add(sessionId);
  }

  /**
   * Whether somebody goes on writing with a session whose key this device has deleted, and was not asked in this block
   * for a new one. [K9]
   * @param at when they wrote, by the server's date
   */
  asksToRotate({ roomId, sessionId }: RoomKeyRef, userId: UserId, at: number): boolean {
    if (this.#rooms.get(roomId)?.deleted.has(sessionId) !== true) return false;
    const block = this.#block;
    return at >= block && this.#rooms.get(roomId)?.asked.get(userId) !== block;
  }

  /** They were asked, in this block. */
  askedToRotate(roomId: RoomId, userId: UserId): void {
    this.#of(roomId).asked.set(userId, this.#block);
  }

  get #block(): number {
    return keyBlock(this.#deps.sure().at, this.#times);
  }

  /** What is known of a room, to be changed. */
  #of(roomId: RoomId): Sessions {
    const room = this.#rooms.get(roomId) ?? noSessions();
    this.#rooms.set(roomId, room);
    this.#dirty.add(roomId);
    return room;
  }

  /** A key is here: from now on at the latest. */
  arrived(ref: RoomKeyRef): boolean {
    if (this.#rooms.get(ref.roomId)?.deleted.has(ref.sessionId))
      this.#of(ref.roomId).deleted.delete(ref.sessionId);
    return this.see(ref, this.#deps.clock());
  }

  /**
   * Writes these changes, and with them, in one go, where sessions stand in time: a log that is stored cut tells the age
   * of what it lost no more, and a key would be as young as its arrival.
   */
  async save(changes: readonly RecordChange[]): Promise<void> {
    const rooms = this.#loaded ? [...this.#dirty] : [];
    try {
      await this.#deps.records.write([...this.#ages(rooms), ...changes]);
    } catch (error) {
      for (const roomId of rooms) this.#dirty.add(roomId);
      throw error;
    }
  }

  /** Sessions whose ciphertext is gone are let go of. */
  #ages(rooms: readonly RoomId[]): RecordChange[] {
    const retention = this.#deps.policy()?.retention;
    const oldest = retention === undefined ? 0 : this.#deps.sure().at - 2 * toMs(retention);
    return rooms.map((roomId): RecordChange => {
      this.#dirty.delete(roomId);
      const { at, deleted, asked } = this.#rooms.get(roomId) ?? noSessions();
      for (const [sessionId, since] of at) if (since < oldest) at.delete(sessionId);
      // By number and not by age: they are for when the clock by which they went was wrong.
      for (const sessionId of [...deleted].slice(0, -MOST_DELETED)) deleted.delete(sessionId);
      const value: StoredAges = {
        v: 1,
        at: Object.fromEntries(at),
        ...(deleted.size > 0 ? { deleted: [...deleted] } : {}),
        ...(asked.size > 0 ? { asked: Object.fromEntries(asked) } : {}),
      };
      return { collection: "keyAges", key: roomId, value };
    });
  }

  get #times(): KeyTimes {
    return keyTimes(this.#deps.policy());
  }
}
