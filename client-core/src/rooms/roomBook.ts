import { Policy, type EventId, type RoomId, type UserId } from "@hearth/protocol";
import type { RecordChange, SignedInSession } from "../session/api.ts";
import { untilItWorks } from "../work/retry.ts";
import { background } from "../workspace/background.ts";
import type { Decryptor } from "./decryptor.ts";
import type { PermissionsAt } from "./fold.ts";
import { permissionsOfUser, projectOrg, type Org } from "../org/org.ts";
import { policyIn, type KnownPolicy, type PolicyNow } from "../org/policy.ts";
import { OrgTimes } from "../org/orgTimes.ts";
import type { Change, Key, Keys } from "../store/change.ts";
import { RoomState } from "./roomState.ts";
import { readRawEvents, type RawEvent } from "./rawEvent.ts";
import { Room, type RoomDeps, type StoredRoom } from "./room.ts";
import type { Page } from "./roomLog.ts";
import { botOf } from "./endpoints.ts";
import type { RoomUpdate } from "../workspace/sync.ts";
import { letOthersGo } from "../work/clock.ts";
import { Turns } from "../work/turns.ts";

const PAGE_SIZE = 100;
const NO_PERMISSIONS: PermissionsAt = () => new Set();
const NOTHING_YET = new RoomState();

export type BookListener = {
  /** Writes what changed, with what must be stored no later. */
  write(changes: readonly RecordChange[]): Promise<void>;
  /** After the write: what these keys stand for is not what it was. */
  onChange(keys: Keys): void;
  /** @returns what is to be written with these events, or not at all */
  onEvents(room: Room, events: readonly RawEvent[]): Change;
  onInvite(roomId: RoomId, inviteState: readonly unknown[]): void;
  onJoined(roomId: RoomId): void;
  onGone(roomId: RoomId): void;
  /** Whether what stems from an instant is past the key window. */
  isPast(at: number): boolean;
};

/**
 * All rooms of this person. It takes in sync responses room by room, keeps what the organisation's state says, writes
 * what changed in one go, and only then tells.
 */
export class RoomBook {
  readonly rooms = new Map<RoomId, Room>();
  org: Org | undefined;
  #policy: KnownPolicy | undefined;
  readonly #session: SignedInSession;
  readonly #listener: BookListener;
  readonly #pause: () => Promise<void>;
  readonly #deps: RoomDeps;
  /** Updates of requests that came before the organisation, without which nobody's permissions are known. */
  #held: RoomUpdate[] = [];
  /** A device that sees its rooms for the first time takes what stands there as read. */
  #firstEver = false;
  readonly #dirty = new Set<RoomId>();
  readonly #gone = new Set<RoomId>();
  /** What has changed since the last write was told of. */
  readonly #keys = new Set<Key>();
  /** What came with the rooms, to be written with them. */
  #alongside: RecordChange[] = [];
  readonly #orgTimes = new OrgTimes();
  #newestOrgTs = 0;
  #flushing: Promise<void> | undefined;
  readonly #handingOut = new Turns();

  constructor(
    session: SignedInSession,
    decryptor: Decryptor,
    pause: () => Promise<void>,
    listener: BookListener,
  ) {
    this.#session = session;
    this.#listener = listener;
    this.#pause = pause;
    this.#deps = {
      me: session.userId,
      decryptor,
      fetchPage: (roomId, from) => this.#fetchPage(roomId, from),
      fetchTokenBefore: (roomId, eventId) => this.#fetchTokenBefore(roomId, eventId),
      permissionsAt: (userId, at) => permissionsIn(this.org)(userId, at),
      isPast: (at) => listener.isPast(at),
    };
  }

  async load(): Promise<void> {
    const stored = await this.#session.records.all<StoredRoom>("rooms");
    this.#firstEver = stored.length === 0;
    const reads = new Map(
      (await this.#session.records.all<EventId>("reads")).map(({ key, value }) => [key, value]),
    );
    for (const { key, value } of stored) {
      if (value.v !== 1) continue;
      const room = Room.restore(key as RoomId, value, this.#deps);
      room.readUpTo = reads.get(key);
      this.rooms.set(room.roomId, room);
    }
    this.#projectOrg();
    const org = this.org && this.rooms.get(this.org.roomId);
    if (org) this.#noteState(org, NOTHING_YET);
    // Keys may have come while these waited: open them, so that the next ones are noticed.
    for (const room of this.rooms.values())
      if (room.digest.unreadable > 0) void this.change(room.roomId, () => room.refold());
  }

  /** The admins' room, if this person is in it. */
  get adminRoomId(): RoomId | undefined {
    for (const room of this.rooms.values())
      if (room.type === "org.hearth.admin" && room.orgId === this.org?.orgId) return room.roomId;
    return undefined;
  }

  /** What the organisation has decided, as this device goes by it: every reader's one source. */
  readonly policy: PolicyNow = () => this.#policy?.content;

  /** What says it; empty while none is known. */
  get policyEvent(): string {
    return this.#policy?.event ?? "";
  }

  requests(): Room[] {
    const orgId = this.org?.orgId;
    return [...this.rooms.values()].filter((room) => room.isRequest && room.orgId === orgId);
  }

  /** The newest time of which the bot has written: a clock behind it must not make yesterday's roles of today's. */
  now(): number {
    return Math.max(this.#session.now(), this.#newestOrgTs);
  }

  /** @returns when all of it has been taken in, gaps closed */
  async take(updates: readonly RoomUpdate[], firstComplete: boolean): Promise<void> {
    // One response after the other reaches the rooms' queues: a later one must not overtake at the wait for the org.
    const { taken } = await this.#handingOut.take(() => this.#handOut(updates));
    await Promise.all(taken);
    if (firstComplete) this.#firstEver = false;
  }

  /** The organisation first: without it nobody's permissions are known. */
  async #handOut(updates: readonly RoomUpdate[]): Promise<{ taken: Promise<void>[] }> {
    const ours = updates.filter((update) => this.#stays(update));
    const org = ours.filter((update) => isOrgRoom(this.#stateAfter(update)));
    await Promise.all(org.map((update) => this.#takeOne(update)));
    const others = [...this.#held, ...ours.filter((update) => !org.includes(update))];
    this.#held = this.org ? [] : others;
    return { taken: this.#held.length > 0 ? [] : others.map((update) => this.#takeOne(update)) };
  }

  /** Runs `work` in a room's turn; the room is written and told of afterwards. */
  async change(roomId: RoomId, work: (room: Room) => Promise<unknown>): Promise<void> {
    if (await this.#work(roomId, work)) this.#mark(roomId, "log");
  }

  async #work(roomId: RoomId, work: (room: Room) => Promise<unknown>): Promise<boolean> {
    const room = this.rooms.get(roomId);
    if (!room) return false;
    try {
      await room.inTurn(() => work(room));
    } catch (error) {
      if (!this.#session.stopped.aborted)
        this.#session.log("error", "a room could not be brought up to date", error);
    }
    return true;
  }

  /** To be written, and told of then. */
  #mark(roomId: RoomId, ...what: readonly ("log" | "members")[]): void {
    this.#dirty.add(roomId);
    for (const each of what) this.#keys.add(`room/${roomId}/${each}`);
    this.#flushInBackground();
  }

  async markRead(room: Room): Promise<void> {
    if (!room.markRead() || room.readUpTo === undefined) return;
    await this.#session.records.write([{ collection: "reads", key: room.roomId, value: room.readUpTo }]);
    this.#mark(room.roomId, "log");
  }

  async #takeOne(update: RoomUpdate): Promise<void> {
    const { roomId } = update;
    let room = this.rooms.get(roomId);
    if (!room) {
      room = new Room(roomId, this.#deps);
      this.rooms.set(roomId, room);
      this.#gone.delete(roomId);
      this.#listener.onJoined(roomId);
    }
    const taking = room;
    const firstEver = this.#firstEver;
    const { state, log } = taking;
    await this.#work(roomId, async () => {
      const added = await taking.take(update);
      if (isOrgRoom(taking.state) && update.state.length > 0) this.#projectOrg();
      if (firstEver) await this.markRead(taking);
      const { keys, write } = this.#listener.onEvents(taking, added);
      for (const key of keys) this.#keys.add(key);
      this.#alongside.push(...write);
    });
    // After a start most rooms are as they were stored: nothing to write then.
    if (taking.state !== state && isOrgRoom(taking.state)) this.#noteState(taking, state);
    const what = [
      ...(taking.log === log ? [] : (["log"] as const)),
      ...(taking.state === state ? [] : (["members"] as const)),
    ];
    if (what.length > 0) this.#mark(roomId, ...what);
  }

  /** Whether this person is in the room after the update; invites and leavings are dealt with here. */
  #stays(update: RoomUpdate): boolean {
    const { roomId } = update;
    if (update.inviteState) {
      this.#listener.onInvite(roomId, update.inviteState);
      this.#drop(roomId);
      return false;
    }
    const membership = this.#membershipAfter(update);
    if (membership !== "leave" && membership !== "ban") return true;
    this.#drop(roomId);
    return false;
  }

  #membershipAfter(update: RoomUpdate): unknown {
    const me = this.#session.userId;
    const own = (event: RawEvent) => event.type === "m.room.member" && event.state_key === me;
    // Out of a room, the state that comes may stop short of one's own leaving, which then ends the timeline.
    const last = update.timeline.findLast(own) ?? update.state.findLast(own);
    return last ? last.content["membership"] : "join";
  }

  #drop(roomId: RoomId): void {
    const room = this.rooms.get(roomId);
    if (!room) return;
    room.dispose();
    this.rooms.delete(roomId);
    this.#gone.add(roomId);
    this.#listener.onGone(roomId);
    this.#mark(roomId, "log", "members");
  }

  #stateAfter(update: RoomUpdate) {
    const known = this.rooms.get(update.roomId)?.state;
    return known?.identity ? known : new Room(update.roomId, this.#deps).state.with(update.state);
  }

  #projectOrg(): void {
    const bot = botOf(this.#session.userId);
    const room = [...this.rooms.values()].find(
      (one) => one.type === "org.hearth.org" && one.state.identity?.creator === bot,
    );
    const before = this.org;
    this.org = room && projectOrg(room.roomId, room.state);
    this.#policy = room && policyIn(room.state, bot);
    this.#newestOrgTs = Math.max(
      0,
      ...(room?.state.events() ?? [])
        .filter((event) => event.sender === bot)
        .map((event) => event.origin_server_ts),
    );
    if (!before || !this.org || sameAccess(before, this.org)) return;
    const [earlier, now] = [permissionsIn(before), permissionsIn(this.org)];
    for (const request of this.requests())
      if (request.affectedBy(earlier, now)) void this.change(request.roomId, () => request.refold());
  }

  #noteState(org: Room, before: Room["state"]): void {
    for (const { type, state_key } of org.state.changedSince(before))
      this.#keys.add(type === Policy.type ? "policy" : `org/${type}/${state_key ?? ""}`);
  }

  /** One write for all that changed, then the word. Changes that come meanwhile make the next one. */
  flush(): Promise<void> {
    this.#flushing ??= this.#flushNow().finally(() => {
      this.#flushing = undefined;
      if (this.#dirty.size > 0 && !this.#session.stopped.aborted) this.#flushInBackground();
    });
    return this.#flushing;
  }

  #flushInBackground(): void {
    background(this.#session, "telling what changed in rooms", this.flush());
  }

  async #flushNow(): Promise<void> {
    // A response brings many rooms at once: let them all come in before the write.
    await letOthersGo();
    if (this.#session.stopped.aborted) return;
    const dirty = new Set(this.#dirty);
    if (this.org && this.#orgTimes.passed(this.org, this.now())) this.#keys.add("time");
    const keys = new Set(this.#keys);
    this.#dirty.clear();
    this.#keys.clear();
    const alongside = this.#alongside;
    this.#alongside = [];
    try {
      await this.#listener.write([...[...dirty].flatMap((roomId) => this.#changesOf(roomId)), ...alongside]);
    } catch (error) {
      // What can't be stored is fetched again after a reload; it must not keep anybody from reading it now.
      if (!this.#session.stopped.aborted) this.#session.log("error", "rooms could not be stored", error);
    }
    if (!this.#session.stopped.aborted) this.#listener.onChange(keys);
  }

  #changesOf(roomId: RoomId): RecordChange[] {
    const room = this.rooms.get(roomId);
    if (room) return [{ collection: "rooms", key: roomId, value: room.store() }];
    if (!this.#gone.delete(roomId)) return [];
    return [
      { collection: "rooms", key: roomId, remove: true },
      { collection: "reads", key: roomId, remove: true },
    ];
  }

  async #fetchPage(roomId: RoomId, from: string): Promise<Page> {
    const query = new URLSearchParams({ dir: "b", from, limit: String(PAGE_SIZE) });
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/messages?${query.toString()}`;
    const answer = await this.#patiently(() =>
      this.#session.request<{ chunk?: unknown[]; end?: unknown }>("GET", path),
    );
    return {
      events: readRawEvents(answer.chunk),
      end: typeof answer.end === "string" ? answer.end : undefined,
    };
  }

  async #fetchTokenBefore(roomId: RoomId, eventId: EventId): Promise<string | undefined> {
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/context/${encodeURIComponent(eventId)}?limit=0`;
    const answer = await this.#patiently(() => this.#session.request<{ start?: unknown }>("GET", path));
    return typeof answer.start === "string" ? answer.start : undefined;
  }

  #patiently<T>(request: () => Promise<T>): Promise<T> {
    return untilItWorks(request, this.#pause, this.#session.stopped);
  }
}

function permissionsIn(org: Org | undefined): PermissionsAt {
  return org ? (userId: UserId, at: number) => permissionsOfUser(org, userId, at) : NO_PERMISSIONS;
}

function sameAccess(a: Org, b: Org): boolean {
  if (a.access.members === b.access.members && a.access.roles === b.access.roles) return true;
  const text = ({ access }: Org) => JSON.stringify([[...access.members], [...access.roles]]);
  return text(a) === text(b);
}

function isOrgRoom(state: Room["state"]): boolean {
  return state.identity?.type === "org.hearth.org";
}
