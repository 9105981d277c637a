import type { GrantedKeys } from "../../rooms/keys/grantedKeys.ts";
import { isCovered, type AccessRequestId, type HeldGrant, type RoomId, type UserId } from "@hearth/protocol";
import type { RecordChange, Records, RoomKeyRef } from "../../session/api.ts";
import type { OwnAsk } from "./store.ts";

/** How a key came that this device has by a grant. */
export type SharedKeyNote = {
  readonly request: AccessRequestId;
  readonly by: UserId;
  /** This device had got the key from its sender before, from this message on; what is older came with the grant. */
  readonly ownFrom?: number;
  /** The grant was taken back, or is over: not to be used, if it should come again. */
  readonly ended?: true;
};
type Stored = { readonly v: 1; readonly sessions: Readonly<Record<string, SharedKeyNote>> };

/** Which keys came by which grant, and how long they may stay. [P3] [P6] */
export class SharedKeys implements GrantedKeys {
  readonly #records: Records;
  readonly #asks: () => Iterable<OwnAsk>;
  readonly #rooms = new Map<RoomId, Map<string, SharedKeyNote>>();
  #changes = 0;

  constructor(records: Records, asks: () => Iterable<OwnAsk>) {
    this.#records = records;
    this.#asks = asks;
  }

  async load(): Promise<void> {
    for (const { key, value } of await this.#records.all<Stored>("access"))
      if (key.startsWith("shared:") && value.v === 1)
        this.#rooms.set(key.slice("shared:".length) as RoomId, new Map(Object.entries(value.sessions)));
  }

  noteOf({ roomId, sessionId }: RoomKeyRef): SharedKeyNote | undefined {
    return this.#rooms.get(roomId)?.get(sessionId);
  }

  /** Whether a grant that has not ended brought keys of this room. */
  lastsIn(roomId: RoomId, now: number): boolean {
    const lasts = this.#lasting(now);
    return [...(this.#rooms.get(roomId)?.values() ?? [])].some(lasts);
  }

  /** All keys that came by grants that have not ended. */
  lasting(now: number): RoomKeyRef[] {
    const lasts = this.#lasting(now);
    return [...this.#rooms].flatMap(([roomId, room]) =>
      [...room].flatMap(([sessionId, note]) => (lasts(note) ? [{ roomId, sessionId }] : [])),
    );
  }

  #lasting(now: number): (note: SharedKeyNote) => boolean {
    const live = new Set([...this.#grants()].flatMap(({ request, until }) => (now < until ? [request] : [])));
    return ({ request, ended }) => !ended && live.has(request);
  }

  covers(key: RoomKeyRef, at: number, now: number): boolean {
    const note = this.noteOf(key);
    return note !== undefined && note.ended === undefined && isCovered(this.#live(note.request), at, now);
  }

  hasEnded(key: RoomKeyRef): boolean {
    return this.noteOf(key)?.ended === true;
  }

  nextEnd(now: number): number | undefined {
    const ends = [...this.#grants()].map(({ until }) => until).filter((until) => until > now);
    return ends.length === 0 ? undefined : Math.min(...ends);
  }

  stamp(now: number): string {
    const live = [...this.#grants()].filter(({ until }) => now < until).length;
    return `${this.#changes}.${live}`;
  }

  /** @returns what writes it down; to be written before the keys come */
  add(keys: readonly (RoomKeyRef & { readonly note: SharedKeyNote })[]): RecordChange[] {
    for (const { roomId, sessionId, note } of keys) {
      const room = this.#rooms.get(roomId) ?? new Map<string, SharedKeyNote>();
      this.#rooms.set(roomId, room.set(sessionId, note));
    }
    this.#changes += 1;
    return this.#write(new Set(keys.map(({ roomId }) => roomId)));
  }

  /** All keys of a grant are over. @returns them, with what writes it down */
  end(request: AccessRequestId): { readonly keys: RoomKeyRef[]; readonly changes: RecordChange[] } {
    const keys: RoomKeyRef[] = [];
    for (const [roomId, room] of this.#rooms)
      for (const [sessionId, note] of room) {
        if (note.request !== request || note.ended) continue;
        room.set(sessionId, { ...note, ended: true });
        keys.push({ roomId, sessionId });
      }
    this.#changes += 1;
    return { keys, changes: this.#write(new Set(keys.map(({ roomId }) => roomId))) };
  }

  *#grants(): Iterable<HeldGrant & { readonly request: AccessRequestId }> {
    for (const { ask, grant, by, state } of this.#asks())
      if (grant && by && (state === "receiving" || state === "given"))
        yield { request: ask.request, from: grant.from, to: grant.to, until: grant.until, by };
  }

  *#live(request: AccessRequestId): Iterable<HeldGrant> {
    for (const grant of this.#grants()) if (grant.request === request) yield grant;
  }

  #write(rooms: ReadonlySet<RoomId>): RecordChange[] {
    return [...rooms].map((roomId) => {
      const value: Stored = { v: 1, sessions: Object.fromEntries(this.#rooms.get(roomId) ?? []) };
      return { collection: "access", key: `shared:${roomId}`, value };
    });
  }
}
