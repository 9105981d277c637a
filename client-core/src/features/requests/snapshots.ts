import {
  LogEntryId,
  Opened as OpenedEntry,
  Snapshot,
  UserId,
  type EventId,
  type RoomId,
} from "@hearth/protocol";
import { CryptoEvent } from "../../sdk/names.ts";
import type { SignedInSession } from "../../session/api.ts";
import { cryptoOf } from "../../sdk/patches.ts";
import { background } from "../../workspace/background.ts";
import { isAdmin, isMember, permissionsOfUser, type Org } from "../../org/org.ts";
import type { Outbox } from "../../outbox/outbox.ts";
import type { Room } from "../../rooms/room.ts";
import { requestIn, saidIn } from "./projection.ts";
import type { Stop } from "../../work/clock.ts";
import { Turns } from "../../work/turns.ts";

export type SnapshotDeps = {
  readonly session: SignedInSession;
  readonly org: () => Org | undefined;
  readonly now: () => number;
  readonly requests: () => readonly Room[];
  readonly room: (roomId: RoomId) => Room | undefined;
  readonly outbox: Outbox;
};

/**
 * Writes a request's summary when somebody can't know it: a person invited after it was opened, or a member's newly
 * signed device. Every client that could do it waits, the likely one shortest, each by chance a little differently, and
 * does it if nobody has meanwhile. No election can be lost that way, and two summaries do no harm.
 */
export class Snapshots {
  readonly #deps: SnapshotDeps;
  readonly #waiting = new Map<RoomId, Stop>();
  /** The signed devices known of each person. Stored, so that one that came while this client was off is noticed. */
  #devices = new Map<UserId, Set<string>>();
  #hadStored = false;
  readonly #checking = new Turns();
  readonly #listener = (users: string[]) => this.#look(users);

  constructor(deps: SnapshotDeps) {
    this.#deps = deps;
  }

  async start(): Promise<void> {
    const { session } = this.#deps;
    const stored = await session.records.get<[UserId, string[]][]>("signedDevices", "all");
    if (session.stopped.aborted) return;
    this.#hadStored = stored !== undefined;
    this.#devices = new Map((stored ?? []).map(([userId, devices]) => [userId, new Set(devices)]));
    session.client.on(CryptoEvent.DevicesUpdated, this.#listener);
    this.#look([...this.#people()]);
  }

  dispose(): void {
    this.#deps.session.client.off(CryptoEvent.DevicesUpdated, this.#listener);
    for (const stop of this.#waiting.values()) stop();
    this.#waiting.clear();
  }

  /** A room has changed: was somebody invited who has nothing to read yet? */
  check(room: Room): void {
    if (!requestIn(room)) return;
    const invited = room.log.events.findLastIndex(
      (event) =>
        event.type === "m.room.member" &&
        event.content["membership"] === "invite" &&
        event.state_key !== this.#deps.org()?.botUserId,
    );
    if (invited >= 0 && lastTold(room) < invited) this.want(room.roomId);
  }

  /** A summary is wanted in this room, of what it says from now on. */
  want(roomId: RoomId, forSomebodyNew = false): void {
    if (this.#waiting.has(roomId)) return;
    const room = this.#deps.room(roomId);
    const delay = room && this.#delay(room);
    if (!room || delay === undefined) return;
    const told = forSomebodyNew && this.#isUnderWay(roomId) ? UNDER_WAY : toldId(room);
    const stop = this.#deps.session.clock.after(delay, () => {
      this.#waiting.delete(roomId);
      background(this.#deps.session, "writing a summary", this.#write(roomId, told));
    });
    this.#waiting.set(roomId, stop);
  }

  /** A summary for whoever is in a room together with this person. */
  wantFor(userId: UserId): void {
    for (const room of this.#deps.requests())
      if (room.state.membership(userId) !== "leave") this.want(room.roomId, true);
  }

  #isUnderWay(roomId: RoomId): boolean {
    return this.#deps.outbox.inRoom(roomId).some((item) => item.work.kind === "snapshot");
  }

  async #write(roomId: RoomId, toldBefore: EventId | typeof UNDER_WAY | undefined): Promise<void> {
    const { outbox, session, room: find } = this.#deps;
    const room = find(roomId);
    if (session.stopped.aborted || !room) return;
    if (toldBefore === UNDER_WAY && this.#isUnderWay(roomId)) return this.want(roomId, true);
    if (toldBefore !== UNDER_WAY && toldId(room) !== toldBefore) return;
    if (this.#isUnderWay(roomId) || this.#delay(room) === undefined) return;
    await outbox.add(roomId, [{ kind: "snapshot", entryId: LogEntryId.parse(session.randomId()) }]);
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

  #look(users: readonly string[]): void {
    const ids = users.flatMap((id) => UserId.safeParse(id).data ?? []);
    this.#checking
      .take(() => this.#compare(ids))
      .catch((error: unknown) => this.#deps.session.log("warn", "devices could not be looked at", error));
  }

  async #compare(userIds: readonly UserId[]): Promise<void> {
    const { session } = this.#deps;
    if (userIds.length === 0 || session.stopped.aborted) return;
    const crypto = cryptoOf(session.client);
    const all = await crypto.getUserDeviceInfo([...userIds]);
    let changed = false;
    for (const userId of userIds) {
      const signed = new Set<string>();
      for (const deviceId of all.get(userId)?.keys() ?? [])
        if ((await crypto.getDeviceVerificationStatus(userId, deviceId))?.signedByOwner === true)
          signed.add(deviceId);
      const before = this.#devices.get(userId);
      const isNew = [...signed].some((deviceId) => !before?.has(deviceId));
      if (!isNew && before?.size === signed.size) continue;
      changed = true;
      this.#devices.set(userId, signed);
      // Somebody seen for the first time is served by the summary that follows their invite.
      const own = userId === session.userId && signed.size === 1;
      if (isNew && !own && (before !== undefined ? before.size > 0 : this.#hadStored)) this.wantFor(userId);
    }
    if (!changed) return;
    const value = [...this.#devices].map(([userId, devices]) => [userId, [...devices]]);
    await session.records.write([{ collection: "signedDevices", key: "all", value }]);
  }
}

/**
 * A summary of this client's own was under way when another was wanted: it may have been encrypted before whoever it is
 * wanted for could receive it, so it does not count.
 */
const UNDER_WAY = Symbol("under way");

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
