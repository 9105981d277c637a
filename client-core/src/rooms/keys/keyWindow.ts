import {
  isMisdated,
  isPastWindow,
  keptUntil,
  keyTimes,
  sessionTime,
  toMs,
  windowStart,
  type KeyTimes,
  type RoomId,
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
  /** The time that the organisation's policy is applied at. */
  readonly now: () => number;
  /** Keys that came by a grant: they may be older, until its end. */
  readonly granted?: GrantedKeys;
};

/** `at`: where each session stands in time (SPEC [K4]), by its id. */
type StoredAges = { readonly v: 1; readonly at: Readonly<Record<string, number>> };

/**
 * Which room keys this device may still use [P3]: those whose block is within the policy's window (SPEC [K3], [K4]).
 * It knows of each session how early it was used or came, also after its key was deleted, so that a key that comes
 * once more, with an invite or late, is as old as it was.
 */
export class KeyWindow {
  readonly #deps: KeyWindowDeps;
  readonly #rooms = new Map<RoomId, Map<string, number>>();
  readonly #dirty = new Set<RoomId>();
  #loaded = false;

  constructor(deps: KeyWindowDeps) {
    this.#deps = deps;
  }

  async load(): Promise<void> {
    for (const { key, value } of await this.#deps.records.all<StoredAges>("keyAges")) {
      if (value.v !== 1) continue;
      const roomId = key as RoomId;
      const seen = this.#rooms.get(roomId) ?? [];
      this.#rooms.set(roomId, new Map(Object.entries(value.at)));
      // What the rooms had to say before.
      for (const [sessionId, at] of seen) this.note({ roomId, sessionId }, at);
    }
    this.#loaded = true;
  }

  /** Whether this device keeps keys however old they are: an admin's does, and one that doesn't know its org yet. */
  get exempt(): boolean {
    const org = this.#deps.org();
    if (!org) return true;
    return isAdmin(org, this.#deps.me, this.#deps.now()) && this.#deps.isSignedAdmin();
  }

  /** The instant from which on messages are kept; undefined when all are. */
  get start(): number | undefined {
    return this.exempt ? undefined : windowStart(this.#times, this.#deps.now());
  }

  /** When the next block will be past the window. */
  get nextChangeAt(): number {
    const now = this.#deps.now();
    const block = keptUntil(windowStart(this.#times, now), this.#times) + 1;
    return Math.min(block, this.#deps.granted?.nextEnd(now) ?? block);
  }

  /** Differs whenever other keys than before may be past. */
  get stamp(): string {
    return `${this.start ?? "all"} ${this.#deps.granted?.stamp(this.#deps.now()) ?? ""}`;
  }

  /** Whether this key is past the window, by all that is known of it, and no grant lets it stay. */
  isPast(key: RoomKeyRef): boolean {
    if (this.exempt) return false;
    const { granted, now } = this.#deps;
    if (granted?.hasEnded(key)) return true;
    const at = this.note(key);
    return this.isPastInstant(at) && granted?.covers(key, at, now()) !== true;
  }

  isPastInstant(at: number): boolean {
    return !this.exempt && isPastWindow(at, this.#times, this.#deps.now());
  }

  /** Takes note of when a session was used, or came. @returns whether it is past the window */
  see(key: RoomKeyRef, ...seen: readonly (number | undefined)[]): boolean {
    this.note(key, ...seen);
    return this.isPast(key);
  }

  /** As `see`. @returns where the session stands in time; infinity if nothing is known of it */
  note({ roomId, sessionId }: RoomKeyRef, ...seen: readonly (number | undefined)[]): number {
    const room = this.#rooms.get(roomId) ?? new Map<string, number>();
    const known = room.get(sessionId);
    const at = sessionTime(known, ...seen);
    if (at !== known && Number.isFinite(at)) {
      this.#rooms.set(roomId, room.set(sessionId, at));
      this.#dirty.add(roomId);
    }
    return at;
  }

  /** Whether the server's date for an event can't be when it was encrypted. */
  doubts(block: number | undefined, serverTs: number): boolean {
    return isMisdated(block, serverTs, this.#times);
  }

  /** A key is here: from now on at the latest. */
  arrived(ref: RoomKeyRef): boolean {
    return this.see(ref, this.#deps.now());
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
    const oldest = retention === undefined ? 0 : this.#deps.now() - 2 * toMs(retention);
    return rooms.map((roomId): RecordChange => {
      this.#dirty.delete(roomId);
      const room = this.#rooms.get(roomId) ?? new Map<string, number>();
      for (const [sessionId, at] of room) if (at < oldest) room.delete(sessionId);
      const value: StoredAges = { v: 1, at: Object.fromEntries(room) };
      return { collection: "keyAges", key: roomId, value };
    });
  }

  get #times(): KeyTimes {
    return keyTimes(this.#deps.policy());
  }
}
