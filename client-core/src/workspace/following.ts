import { type RoomId, type UserId } from "@hearth/protocol";
import { background } from "./background.ts";
import { tellCannotForget } from "../org/cannotForget.ts";
import { isMember, members } from "../org/org.ts";
import type { Parts } from "./parts.ts";
import type { RawEvent } from "../rooms/rawEvent.ts";
import type { Room } from "../rooms/room.ts";
import type { RoomUpdate } from "./sync.ts";

/** What follows when something came or changed: who is told, and in which order. */
export class Following {
  readonly #parts: Parts;
  /** Whom the roster listed when that was last looked at. */
  #listed: ReadonlySet<UserId> = new Set();
  #loaded = false;
  #responses = 0;
  #complete = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** How many sync responses there have been. */
  get responses(): number {
    return this.#responses;
  }

  /** Whether the server has told of every room since the start. */
  get complete(): boolean {
    return this.#complete;
  }

  /** The roster as it was stored: who is listed later is new. To be called before the rooms are loaded. */
  rosterLoaded(): void {
    this.#listed = this.#listedNow();
  }

  /** All that is stored is here. Before that there are no rooms, and nothing is published that could differ. */
  loaded(): void {
    this.#loaded = true;
  }

  async response(updates: readonly RoomUpdate[], complete: boolean): Promise<void> {
    const { book, joiner, outbox } = this.#parts;
    this.#responses += 1;
    const first = complete && !this.#complete;
    this.#complete ||= complete;
    await book.take(updates, first);
    joiner.look(book.org, book.now());
    if (first) await this.#firstComplete();
    outbox.poke();
  }

  /** Every room has been seen once: the list is whole, and what waits may go out. */
  async #firstComplete(): Promise<void> {
    const { session, book, publisher, outbox, snapshots, backupRole, ownProfile, roster, access } =
      this.#parts;
    await book.flush();
    if (session.stopped.aborted) return;
    publisher.loaded();
    outbox.start();
    await snapshots.start();
    backupRole.tell();
    const { org } = book;
    if (org) this.#inBackground("telling what can't forget", tellCannotForget(session, org, ownProfile));
    await this.#lookAtIdentities();
    roster.lookAfter();
    access.start();
    roster.ownDevices.look();
  }

  /** Rooms were written, and perhaps the organisation. */
  rooms(changed: ReadonlySet<RoomId>, orgChanged: boolean): void {
    const { book, publisher, snapshots, lifecycle, outbox } = this.#parts;
    if (orgChanged) this.#org();
    else {
      publisher.list(changed);
      publisher.rooms(changed);
    }
    for (const roomId of changed) {
      const room = book.rooms.get(roomId);
      if (!room || !this.#complete) continue;
      snapshots.check(room);
      lifecycle.check(room);
    }
    outbox.poke();
  }

  #org(): void {
    const { book, keys, publisher, wipes, backupRole, roster, access, joiner } = this.#parts;
    keys.pruner.look();
    publisher.everything();
    wipes.publish();
    backupRole.tell();
    roster.read();
    if (this.#complete) roster.lookAfter();
    if (this.#complete) access.look();
    joiner.look(book.org, book.now());
    this.identitiesWanted();
  }

  events(room: Room, events: readonly RawEvent[]): void {
    const { outbox, bot } = this.#parts;
    const ids = new Set<string>(
      events.flatMap((event) => [event.event_id, ...(event.transactionId ? [event.transactionId] : [])]),
    );
    this.#inBackground("clearing the outbox", outbox.arrived(room.roomId, ids));
    if (!room.isRequest) bot.take(room.log.events.filter((event) => ids.has(event.event_id)));
  }

  roomGone(roomId: RoomId): void {
    this.#inBackground("clearing the outbox", this.#parts.outbox.roomGone(roomId));
  }

  outbox(rooms: ReadonlySet<string>): void {
    const { publisher } = this.#parts;
    publisher.outbox();
    publisher.list(rooms);
    publisher.rooms(rooms);
  }

  devices(): void {
    const { publisher, book } = this.#parts;
    publisher.rooms(new Set(book.rooms.keys()));
  }

  /** Somebody's identity was replaced, or accepted: who gets keys is not what it was. */
  async identity(userId: UserId): Promise<void> {
    const { session, book, backupRole, roster, publisher } = this.#parts;
    if (!this.#loaded) return;
    if (userId === session.userId) {
      backupRole.tell();
      roster.lookAfter();
    }
    const rooms = book.requests().filter((room) => room.state.membership(userId) !== "leave");
    for (const room of rooms) await roster.recipients.renewKeys(room.roomId);
    publisher.team();
    publisher.rooms(new Set(rooms.map((room) => room.roomId)));
  }

  /** Who gets keys is not what it was; who is new among them learns from summaries what requests say. */
  async roster(): Promise<void> {
    const { book, roster, backupRole, wipes, keys, publisher, outbox, snapshots } = this.#parts;
    if (!this.#loaded) return;
    const before = this.#listed;
    this.#listed = this.#listedNow();
    await roster.recipients.rosterChanged();
    backupRole.tell();
    wipes.publish();
    keys.pruner.look();
    publisher.team();
    publisher.rooms(new Set(book.rooms.keys()));
    outbox.poke();
    if (!this.#complete) return;
    roster.ownDevices.look();
    const added = [...this.#listed].filter((userId) => !before.has(userId));
    for (const userId of added) snapshots.wantFor(userId);
    for (const userId of before) if (!this.#listed.has(userId)) await this.identity(userId);
    await roster.admin.look();
  }

  /** People are about to be shown, or written to. */
  identitiesWanted(): void {
    this.#inBackground("looking at identities", this.#lookAtIdentities());
  }

  async #lookAtIdentities(): Promise<void> {
    const { session, book, roster, devices, backupRole, publisher } = this.#parts;
    const { org } = book;
    const now = book.now();
    const current = org ? members(org).filter(({ userId }) => isMember(org, userId, now)) : [];
    const ids = new Set(current.map(({ userId }) => userId));
    for (const room of book.requests()) for (const { userId } of room.state.people()) ids.add(userId);
    const found = await roster.recipients.look(ids);
    await devices.lookFirst(ids.add(session.userId));
    if (!found || session.stopped.aborted) return;
    backupRole.tell();
    publisher.team();
    publisher.rooms(new Set(book.rooms.keys()));
  }

  #listedNow(): ReadonlySet<UserId> {
    return new Set(this.#parts.roster.book.roster.current.keys());
  }

  #inBackground(what: string, work: Promise<unknown>): void {
    background(this.#parts.session, what, work);
  }
}
