// What a sync response says goes through five phases: receive → close the gap → open → fold → commit. Each has its name here.
import type { RoomId } from "@hearth/protocol";
import type { RecordChange } from "../session/api.ts";
import type { Change, Key, Keys } from "../store/change.ts";
import { letOthersGo } from "../work/clock.ts";
import { Turns } from "../work/turns.ts";
import type { RoomUpdate } from "../workspace/sync.ts";
import type { RawEvent } from "./rawEvent.ts";
import type { Room } from "./room.ts";
import { RoomState } from "./roomState.ts";

export type PhasesDeps = {
  readonly me: string;
  readonly rooms: Map<RoomId, Room>;
  readonly roomFor: (roomId: RoomId) => Room;
  /** Whether the organisation is known: without it nobody's permissions are. */
  readonly knowsOrg: () => boolean;
  /** Runs `work` in a room's turn. Never rejects. */
  readonly inTurn: (room: Room, work: () => Promise<unknown>) => Promise<void>;
  readonly onInvite: (roomId: RoomId, inviteState: readonly unknown[]) => void;
  readonly onJoined: (roomId: RoomId) => void;
  readonly onGone: (roomId: RoomId) => void;
  /** A room has taken in what is new. @returns what is to be written with it, or not at all */
  readonly onTaken: (room: Room, added: readonly RawEvent[], update: RoomUpdate) => Promise<Change>;
  /** After what was taken in: its state is not what it was. @returns keys that say so */
  readonly keysOfState: (room: Room, before: RoomState) => Iterable<Key>;
  /** Keys that have changed by themselves since the last commit. */
  readonly keysOfTime: () => Iterable<Key>;
  readonly write: (changes: readonly RecordChange[]) => Promise<void>;
  readonly tell: (keys: Keys) => void;
  readonly failed: (error: unknown) => void;
  readonly background: (what: string, work: Promise<unknown>) => void;
  readonly stopped: AbortSignal;
};

export class Phases {
  readonly #deps: PhasesDeps;
  readonly #receiving = new Turns();
  /** What came before the organisation. */
  #held: RoomUpdate[] = [];
  readonly #dirty = new Set<RoomId>();
  readonly #gone = new Set<RoomId>();
  /** What has changed since the last commit was told of. */
  readonly #keys = new Set<Key>();
  /** What came with the rooms, to be written with them. */
  #alongside: RecordChange[] = [];
  #committing: Promise<void> | undefined;

  constructor(deps: PhasesDeps) {
    this.#deps = deps;
  }

  /** @returns when all of it is folded, and its commit has been asked for */
  async take(updates: readonly RoomUpdate[]): Promise<void> {
    // One response after the other reaches the rooms' queues: a later one must not overtake at the wait for the org.
    const { taken } = await this.#receiving.take(() => this.#receive(updates));
    await Promise.all(taken);
  }

  /** Receive: the organisation first, and only the rooms that this person is in. */
  async #receive(updates: readonly RoomUpdate[]): Promise<{ taken: Promise<void>[] }> {
    const ours = updates.filter((update) => this.#stays(update));
    const org = ours.filter((update) => isOrgRoom(this.#stateAfter(update)));
    await Promise.all(org.map((update) => this.#takeOne(update)));
    const others = [...this.#held, ...ours.filter((update) => !org.includes(update))];
    this.#held = this.#deps.knowsOrg() ? [] : others;
    return { taken: this.#held.length > 0 ? [] : others.map((update) => this.#takeOne(update)) };
  }

  async #takeOne(update: RoomUpdate): Promise<void> {
    const { rooms, roomFor, inTurn, onJoined, onTaken, keysOfState } = this.#deps;
    const { roomId } = update;
    let known = rooms.get(roomId);
    if (!known) {
      rooms.set(roomId, (known = roomFor(roomId)));
      this.#gone.delete(roomId);
      onJoined(roomId);
    }
    const room = known;
    const { state, log } = room;
    await inTurn(room, async () => {
      const added = await throughRoom(room, update);
      const { keys, write } = await onTaken(room, added, update);
      for (const key of keys) this.#keys.add(key);
      this.#alongside.push(...write);
    });
    // After a start most rooms are as they were stored: nothing to write then.
    if (room.state !== state) for (const key of keysOfState(room, state)) this.#keys.add(key);
    const what = [
      ...(room.log === log ? [] : (["log"] as const)),
      ...(room.state === state ? [] : (["members"] as const)),
    ];
    if (what.length > 0) this.mark(roomId, ...what);
  }

  /** To be committed: written, and told of then. */
  mark(roomId: RoomId, ...what: readonly ("log" | "members")[]): void {
    this.#dirty.add(roomId);
    for (const each of what) this.#keys.add(`room/${roomId}/${each}`);
    this.#commitInBackground();
  }

  note(keys: Iterable<Key>): void {
    for (const key of keys) this.#keys.add(key);
  }

  /** Commit: one write for all that changed, then the word. Changes that come meanwhile make the next one. */
  commit(): Promise<void> {
    this.#committing ??= this.#commitNow().finally(() => {
      this.#committing = undefined;
      if (this.#dirty.size > 0 && !this.#deps.stopped.aborted) this.#commitInBackground();
    });
    return this.#committing;
  }

  #commitInBackground(): void {
    this.#deps.background("telling what changed in rooms", this.commit());
  }

  async #commitNow(): Promise<void> {
    const { stopped, keysOfTime, write, tell, failed } = this.#deps;
    // A response brings many rooms at once: let them all come in before the write.
    await letOthersGo();
    if (stopped.aborted) return;
    const dirty = new Set(this.#dirty);
    this.note(keysOfTime());
    const keys = new Set(this.#keys);
    this.#dirty.clear();
    this.#keys.clear();
    const alongside = this.#alongside;
    this.#alongside = [];
    try {
      await write([...[...dirty].flatMap((roomId) => this.#changesOf(roomId)), ...alongside]);
    } catch (error) {
      // What can't be stored is fetched again after a reload; it must not keep anybody from reading it now.
      if (!stopped.aborted) failed(error);
    }
    if (!stopped.aborted) tell(keys);
  }

  #changesOf(roomId: RoomId): RecordChange[] {
    const room = this.#deps.rooms.get(roomId);
    if (room) return [{ collection: "rooms", key: roomId, value: room.store() }];
    if (!this.#gone.delete(roomId)) return [];
    return [
      { collection: "rooms", key: roomId, remove: true },
      { collection: "reads", key: roomId, remove: true },
    ];
  }

  /** Whether this person is in the room after the update; invites and leavings are dealt with here. */
  #stays(update: RoomUpdate): boolean {
    const { roomId } = update;
    if (update.inviteState) {
      this.#deps.onInvite(roomId, update.inviteState);
      this.#drop(roomId);
      return false;
    }
    const membership = this.#membershipAfter(update);
    if (membership !== "leave" && membership !== "ban") return true;
    this.#drop(roomId);
    return false;
  }

  #membershipAfter(update: RoomUpdate): unknown {
    const own = (event: RawEvent) => event.type === "m.room.member" && event.state_key === this.#deps.me;
    // Out of a room, the state that comes may stop short of one's own leaving, which then ends the timeline.
    const last = update.timeline.findLast(own) ?? update.state.findLast(own);
    return last ? last.content["membership"] : "join";
  }

  #drop(roomId: RoomId): void {
    const room = this.#deps.rooms.get(roomId);
    if (!room) return;
    room.dispose();
    this.#deps.rooms.delete(roomId);
    this.#gone.add(roomId);
    this.#deps.onGone(roomId);
    this.mark(roomId, "log", "members");
  }

  #stateAfter(update: RoomUpdate): RoomState {
    const known = this.#deps.rooms.get(update.roomId)?.state;
    return known?.identity ? known : new RoomState().with(update.state);
  }
}

/**
 * What one response says of one room, up to the commit. In the room's turn.
 * @returns what is new in its log
 */
export async function throughRoom(room: Room, update: RoomUpdate): Promise<readonly RawEvent[]> {
  room.receive(update);
  const added = await room.closeGap(update);
  if (added.length > 0) {
    await room.open(added);
    await room.fold(added);
  }
  return added;
}

export function isOrgRoom(state: RoomState): boolean {
  return state.identity?.type === "org.hearth.org";
}
