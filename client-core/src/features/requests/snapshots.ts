import {
  LogEntryId,
  MOST_NAMED,
  Opened as OpenedEntry,
  Snapshot,
  type EventId,
  type RoomId,
  type UserId,
} from "@hearth/protocol";
import type { SignedInSession } from "../../session/api.ts";
import { background } from "../../workspace/background.ts";
import { isAdmin, isMember, permissionsOfUser, type Org } from "../../org/org.ts";
import type { Outbox } from "../../outbox/outbox.ts";
import type { Room } from "../../rooms/room.ts";
import type { SignedDevices } from "../people/signedDevices.ts";
import { requestIn, saidIn } from "./projection.ts";
import type { Stop } from "../../work/clock.ts";
import { Turns } from "../../work/turns.ts";
import {
  deviceName,
  ownerOf,
  Unserved,
  type DeviceName,
  type Served,
  type StoredUnserved,
} from "./unserved.ts";

export type SnapshotDeps = {
  readonly session: Pick<
    SignedInSession,
    "userId" | "deviceId" | "records" | "clock" | "stopped" | "log" | "randomId"
  >;
  readonly org: () => Org | undefined;
  readonly now: () => number;
  readonly requests: () => readonly Room[];
  readonly room: (roomId: RoomId) => Room | undefined;
  readonly outbox: Pick<Outbox, "add" | "inRoom">;
  readonly devices: SignedDevices;
  /** Whether what is written now is encrypted for this person's devices. [P8] */
  readonly mayReceive: (userId: UserId) => boolean;
};

/** One summary for new devices a request and minute: those that are signed close together share it. */
const APART_MS = 60_000;
/** So many requests get theirs at once, the newest first; each further one waits a step longer. */
const AT_ONCE = 20;
const STEP_MS = 2_000;

/**
 * Writes a request's summary when somebody can't know it: a person invited after it was opened, or a member's newly
 * signed device. Every client that could do it waits, the likely one shortest, each by chance a little differently, and
 * does it if nobody has meanwhile. No election can be lost that way, and two summaries do no harm.
 */
export class Snapshots {
  readonly #deps: SnapshotDeps;
  readonly #waiting = new Map<RoomId, Stop>();
  /** Requests with new devices, and when this client last wrote for such. */
  readonly #serving = new Map<RoomId, Stop>();
  readonly #wroteAt = new Map<RoomId, number>();
  /** The signed devices known of each person. Stored, so that one that came while this client was off is noticed. */
  #devices = new Map<UserId, Set<string>>();
  /** Whether what is new to this client came while it was off, and was not there before it first looked. */
  #hadStored = false;
  #unserved = new Unserved();
  #started = false;
  readonly #checking = new Turns();
  #stopListening = () => {};

  constructor(deps: SnapshotDeps) {
    this.#deps = deps;
  }

  async start(): Promise<void> {
    const { session } = this.#deps;
    const stored = await session.records.get<[UserId, string[]][]>("signedDevices", "all");
    const unserved = await session.records.get<StoredUnserved>("signedDevices", "unserved");
    if (session.stopped.aborted) return;
    this.#hadStored = stored !== undefined;
    this.#devices = new Map((stored ?? []).map(([userId, devices]) => [userId, new Set(devices)]));
    this.#unserved = new Unserved(unserved);
    this.#started = true;
    this.#stopListening = this.#deps.devices.onChange((users) => this.#look(users));
    this.#look([...this.#people()]);
    this.look();
  }

  /** Who may receive keys, or which rooms there are, may have changed. */
  look(): void {
    for (const roomId of this.#unserved.rooms) this.#serve(roomId);
  }

  dispose(): void {
    this.#stopListening();
    for (const stop of [...this.#waiting.values(), ...this.#serving.values()]) stop();
    this.#waiting.clear();
    this.#serving.clear();
  }

  /** A room has changed: was somebody invited who has nothing to read yet, or are devices served now? */
  check(room: Room): void {
    // What somebody has when they are first seen is where it begins: with none, mostly.
    const unseen = room.state.people().filter(({ userId }) => !this.#devices.has(userId));
    if (unseen.length > 0) this.#look(unseen.map(({ userId }) => userId));
    if (!requestIn(room)) return;
    const { events } = room.log;
    const invited = events.findLastIndex(
      (event) =>
        event.type === "m.room.member" &&
        event.content["membership"] === "invite" &&
        event.state_key !== this.#deps.org()?.botUserId,
    );
    if (invited >= 0 && lastTold(room) < invited) this.want(room.roomId);
    if (this.#unserved.in(room.roomId).length === 0) return;
    const ids = events.map((event) => event.event_id);
    if (this.#unserved.served(room.roomId, ids, summariesIn(room))) this.#keep();
    this.#serve(room.roomId);
  }

  /** A summary is wanted in this room, of what it says from now on. */
  want(roomId: RoomId): void {
    if (this.#waiting.has(roomId)) return;
    const room = this.#deps.room(roomId);
    const delay = room && this.#delay(room);
    if (!room || delay === undefined) return;
    const told = toldId(room);
    this.#after(this.#waiting, roomId, delay, "writing a summary", () => {
      const now = this.#deps.room(roomId);
      return now && toldId(now) === told ? this.#write(now) : Promise.resolve();
    });
  }

  /** This person gets keys from now on: a summary for their devices wherever they are. */
  wantFor(userId: UserId): void {
    this.#checking
      .take(async () => {
        if (!this.#devices.has(userId)) await this.#compare([userId]);
        this.#note(userId, [...(this.#devices.get(userId) ?? [])]);
      })
      .catch((error: unknown) => this.#deps.session.log("warn", "devices could not be looked at", error));
  }

  #note(userId: UserId, deviceIds: readonly string[]): void {
    const { requests, session } = this.#deps;
    const others = deviceIds.filter((id) => userId !== session.userId || id !== session.deviceId);
    if (others.length === 0) return;
    const devices = others.map((id) => deviceName(userId, id));
    const rooms = requests().filter((room) => isIn(room, userId));
    for (const { roomId, log } of rooms) this.#unserved.note(roomId, devices, log.events.at(-1)?.event_id);
    this.#keep();
    const newestFirst = rooms.toSorted((a, b) => b.digest.lastActivityAt - a.digest.lastActivityAt);
    for (const [i, { roomId }] of newestFirst.entries())
      this.#serve(roomId, Math.max(0, i + 1 - AT_ONCE) * STEP_MS);
  }

  /** New devices can't know this request: somebody is to write for them, and at most this client, if nobody has by then. */
  #serve(roomId: RoomId, laterMs = 0): void {
    const room = this.#deps.room(roomId);
    if (!this.#started || !room || this.#serving.has(roomId) || this.#dueIn(room).length === 0) return;
    const delay = this.#delay(room);
    if (delay === undefined) return;
    const since = this.#deps.session.clock.monotonic() - (this.#wroteAt.get(roomId) ?? -Infinity);
    const wait = Math.max(delay + laterMs, APART_MS - since);
    this.#after(this.#serving, roomId, wait, "writing a summary for new devices", async () => {
      const now = this.#deps.room(roomId);
      const due = now && this.#dueIn(now);
      if (!now || !due || due.length === 0) return;
      this.#wroteAt.set(roomId, this.#deps.session.clock.monotonic());
      await this.#write(now, due.slice(0, MOST_NAMED));
      // More than one summary names; or it is not taken in.
      this.#serve(roomId);
    });
  }

  /** Those of the room's unserved devices that a summary of now would be encrypted for. */
  #dueIn(room: Room): DeviceName[] {
    return this.#unserved.in(room.roomId).filter((device) => {
      const owner = ownerOf(device);
      return isIn(room, owner) && this.#deps.mayReceive(owner);
    });
  }

  #after(
    timers: Map<RoomId, Stop>,
    roomId: RoomId,
    ms: number,
    what: string,
    work: () => Promise<void>,
  ): void {
    const { session } = this.#deps;
    const stop = session.clock.after(ms, () => {
      timers.delete(roomId);
      if (!session.stopped.aborted) background(session, what, work());
    });
    timers.set(roomId, stop);
  }

  #isUnderWay(roomId: RoomId): boolean {
    return this.#deps.outbox.inRoom(roomId).some((item) => item.work.kind === "snapshot");
  }

  async #write(room: Room, devices?: readonly DeviceName[]): Promise<void> {
    const { outbox, session } = this.#deps;
    const { roomId } = room;
    // One that is under way may have been encrypted before new devices could receive it.
    if ((devices === undefined && this.#isUnderWay(roomId)) || this.#delay(room) === undefined) return;
    const entryId = LogEntryId.parse(session.randomId());
    await outbox.add(roomId, [{ kind: "snapshot", entryId, ...(devices ? { for: devices } : {}) }]);
  }

  /** How long to leave it to others; undefined when it is not this client's to do. */
  #delay(room: Room): number | undefined {
    const { session, now } = this.#deps;
    const org = this.#deps.org();
    const folded = saidIn(room);
    if (!org || !folded || folded.closed) return undefined;
    if (!permissionsOfUser(org, session.userId, now()).has("edit_request_data")) return undefined;
    const between = (least: number, most: number) => least + session.clock.chance() * (most - least);
    if (folded.opened_by === session.userId) return between(500, 2000);
    const opener = isMember(org, folded.opened_by, now()) ? 4000 : 0;
    if (isAdmin(org, session.userId, now())) return opener + between(500, 4000);
    return opener + between(5000, 12_000);
  }

  #people(): Set<UserId> {
    return new Set(this.#deps.requests().flatMap((room) => room.state.people().map(({ userId }) => userId)));
  }

  #look(userIds: readonly UserId[]): void {
    if (!this.#started) return;
    this.#checking
      .take(() => this.#compare(userIds))
      .catch((error: unknown) => this.#deps.session.log("warn", "devices could not be looked at", error));
  }

  async #compare(userIds: readonly UserId[]): Promise<void> {
    const { session } = this.#deps;
    if (userIds.length === 0 || session.stopped.aborted) return;
    let changed = false;
    for (const [userId, signed] of await this.#deps.devices.of(userIds)) {
      const before = this.#devices.get(userId);
      const fresh = [...signed].filter((deviceId) => !before?.has(deviceId));
      if (before !== undefined && fresh.length === 0 && before.size === signed.size) continue;
      changed = true;
      this.#devices.set(userId, new Set(signed));
      // What a client finds when it looks for the first time was there before what it reads was told.
      if (fresh.length > 0 && (before !== undefined || this.#hadStored)) this.#note(userId, fresh);
    }
    if (!changed) return;
    const isGone = (device: DeviceName, roomId: RoomId) =>
      this.#devices.get(ownerOf(device))?.has(device.slice(ownerOf(device).length + 1)) === false ||
      this.#deps.room(roomId) === undefined;
    this.#unserved.gone(isGone);
    this.#keep();
  }

  #keep(): void {
    const { session } = this.#deps;
    const all = [...this.#devices].map(([userId, devices]) => [userId, [...devices]]);
    const write = session.records.write([
      { collection: "signedDevices", key: "all", value: all },
      { collection: "signedDevices", key: "unserved", value: this.#unserved.store() },
    ]);
    background(session, "noting which devices wait for a summary", write);
  }
}

/** The place in the log of the last entry that says the whole request; -1 when none can be read. */
function lastTold(room: Room): number {
  return room.log.events.findLastIndex((event) => {
    const opened = room.openedOf(event.event_id);
    return opened?.kind === "entry" && (opened.type === Snapshot.type || opened.type === OpenedEntry.type);
  });
}

function toldId(room: Room): EventId | undefined {
  return room.log.events[lastTold(room)]?.event_id;
}

function isIn({ state }: Room, userId: UserId): boolean {
  const membership = state.membership(userId);
  return membership === "join" || membership === "invite";
}

function summariesIn(room: Room): Served[] {
  return room.log.events.flatMap((event, at) => {
    const opened = room.openedOf(event.event_id);
    if (opened?.kind !== "entry" || opened.type !== Snapshot.type) return [];
    return [{ at, names: Snapshot.schema.safeParse(opened.content).data?.for ?? [] }];
  });
}
