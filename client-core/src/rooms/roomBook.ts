import { Policy, type EventId, type RoomId, type UserId } from "@hearth/protocol";
import type { RecordChange, SignedInSession } from "../session/api.ts";
import { untilItWorks } from "../work/retry.ts";
import { background } from "../workspace/background.ts";
import type { Decryptor } from "./decryptor.ts";
import { permissionsOfUser, projectOrg, type Org } from "../org/org.ts";
import { policyIn, type KnownPolicy, type PolicyNow } from "../org/policy.ts";
import { OrgTimes } from "../org/orgTimes.ts";
import type { Change, Key, Keys } from "../store/change.ts";
import { RoomState } from "./roomState.ts";
import { isAffected, type PermissionsAt } from "./permissionsAt.ts";
import { isOrgRoom, Phases } from "./phases.ts";
import { isOf, type AnyProjection, type Projection } from "./projection.ts";
import { readRawEvents, type RawEvent } from "./rawEvent.ts";
import { Room, type RoomDeps } from "./room.ts";
import type { StoredRoom } from "./storedRoom.ts";
import type { Page } from "./roomLog.ts";
import { botOf } from "./endpoints.ts";
import type { RoomUpdate } from "../workspace/sync.ts";

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

/** All rooms of this person, and what the organisation's state says. What comes goes through the phases (`phases.ts`). */
export class RoomBook {
  readonly rooms = new Map<RoomId, Room>();
  org: Org | undefined;
  #policy: KnownPolicy | undefined;
  readonly #session: SignedInSession;
  readonly #listener: BookListener;
  readonly #pause: () => Promise<void>;
  readonly #deps: RoomDeps;
  /** A device that sees its rooms for the first time takes what stands there as read. */
  #firstEver = false;
  readonly #orgTimes = new OrgTimes();
  #newestOrgTs = 0;
  readonly #phases: Phases;

  constructor(
    session: SignedInSession,
    decryptor: Decryptor,
    projections: readonly AnyProjection[],
    pause: () => Promise<void>,
    listener: BookListener,
  ) {
    this.#session = session;
    this.#listener = listener;
    this.#pause = pause;
    this.#deps = {
      me: session.userId,
      decryptor,
      projections,
      fetchPage: (roomId, from) => this.#fetchPage(roomId, from),
      fetchTokenBefore: (roomId, eventId) => this.#fetchTokenBefore(roomId, eventId),
      permissionsAt: (userId, at) => permissionsIn(this.org)(userId, at),
      isPast: (at) => listener.isPast(at),
    };
    this.#phases = new Phases({
      me: session.userId,
      rooms: this.rooms,
      roomFor: (roomId) => new Room(roomId, this.#deps),
      knowsOrg: () => this.org !== undefined,
      inTurn: async (room, work) => void (await this.#work(room.roomId, work)),
      onInvite: (roomId, state) => listener.onInvite(roomId, state),
      onJoined: (roomId) => listener.onJoined(roomId),
      onGone: (roomId) => listener.onGone(roomId),
      onTaken: (room, added, update) => this.#taken(room, added, update),
      keysOfState: (room, before) => (isOrgRoom(room.state) ? keysOfState(room, before) : []),
      keysOfTime: () => (this.org && this.#orgTimes.passed(this.org, this.now()) ? ["time"] : []),
      write: (changes) => listener.write(changes),
      tell: (keys) => listener.onChange(keys),
      failed: (error) => session.log("error", "rooms could not be stored", error),
      background: (what, work) => background(session, what, work),
      stopped: session.stopped,
    });
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
    if (org) this.#phases.note(keysOfState(org, NOTHING_YET));
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

  /** The organisation's rooms whose log is folded: what is said in them is sealed. */
  sealed(): Room[] {
    const orgId = this.org?.orgId;
    return [...this.rooms.values()].filter((room) => room.projection && room.orgId === orgId);
  }

  /** Those of one kind. */
  ofKind<State, Stored, Told extends object>(projection: Projection<State, Stored, Told>): Room[] {
    return this.sealed().filter((room) => isOf(room, projection));
  }

  /** The newest time of which the bot has written: a clock behind it must not make yesterday's roles of today's. */
  now(): number {
    return Math.max(this.#session.now(), this.#newestOrgTs);
  }

  /** @returns when all of it has been taken in, gaps closed */
  async take(updates: readonly RoomUpdate[], firstComplete: boolean): Promise<void> {
    await this.#phases.take(updates);
    if (firstComplete) this.#firstEver = false;
  }

  /** One write for all that changed, then the word. */
  flush(): Promise<void> {
    return this.#phases.commit();
  }

  /** Runs `work` in a room's turn; the room is written and told of afterwards. */
  async change(roomId: RoomId, work: (room: Room) => Promise<unknown>): Promise<void> {
    if (await this.#work(roomId, work)) this.#phases.mark(roomId, "log");
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

  /** @param upTo as for the room */
  async markRead(room: Room, upTo?: EventId): Promise<void> {
    if (!room.markRead(upTo) || room.readUpTo === undefined) return;
    await this.#session.records.write([{ collection: "reads", key: room.roomId, value: room.readUpTo }]);
    this.#phases.mark(room.roomId, "log");
  }

  async #taken(room: Room, added: readonly RawEvent[], update: RoomUpdate): Promise<Change> {
    if (isOrgRoom(room.state) && update.state.length > 0) this.#projectOrg();
    if (this.#firstEver) await this.markRead(room);
    return this.#listener.onEvents(room, added);
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
    for (const room of this.sealed())
      if (isAffected(room.log.events, earlier, now)) void this.change(room.roomId, () => room.refold());
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

function keysOfState(org: Room, before: RoomState): Key[] {
  return org.state
    .changedSince(before)
    .map(({ type, state_key }): Key => (type === Policy.type ? "policy" : `org/${type}/${state_key ?? ""}`));
}
