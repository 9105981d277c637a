import type { RoomId, UserId } from "@hearth/protocol";
import type { DeliveryState, OutboxView, RequestRow, RoomView, Slice, Views } from "../contract/index.ts";
import type { SignedInSession } from "../session/api.ts";
import type { Connection } from "./connection.ts";
import type { DeviceWatch } from "../features/people/deviceWatch.ts";
import type { RoomAliases } from "../rooms/aliases.ts";
import { isAdmin, isMember, nameOf, permissionsOfUser } from "../org/org.ts";
import { invitesView, orgView, teamView } from "../org/orgViews.ts";
import { isLocalRoom, type OutboxItem } from "../outbox/items.ts";
import type { Outbox } from "../outbox/outbox.ts";
import { withPending } from "../features/requests/pending.ts";
import type { Recipients } from "../features/people/recipients.ts";
import { byActivity, requestRow } from "../features/requests/requestList.ts";
import type { Room } from "../rooms/room.ts";
import type { RoomBook } from "../rooms/roomBook.ts";
import { roomView, type KeptMessages } from "../features/requests/roomView.ts";
import type { RosterBook } from "../features/roster/book.ts";
import { entryTitle } from "../features/requests/sentences.ts";

export type PublisherDeps = {
  readonly session: SignedInSession;
  readonly book: RoomBook;
  readonly outbox: Outbox;
  readonly recipients: Recipients;
  readonly roster: RosterBook;
  readonly devices: DeviceWatch;
  readonly aliases: Pick<RoomAliases, "resolve">;
  readonly kept: () => KeptMessages | undefined;
  readonly isGranted: (roomId: RoomId) => boolean;
  /** Whether our origin serves a newer build of this client than this one. */
  readonly newerBuild: () => boolean;
};

/** Makes view snapshots of what is known, and publishes those that differ from the last. */
export class Publisher {
  readonly #deps: PublisherDeps;
  readonly #session: SignedInSession;
  readonly #book: RoomBook;
  readonly #outbox: Outbox;
  /** Rooms on screens, by the id that the screen uses, with the read mark of when they were opened. */
  readonly #open = new Map<string, string | undefined>();
  readonly #rows = new Map<string, { row: RequestRow; text: string }>();
  readonly #published = new Map<Slice, string>();
  #loaded = false;
  #list: Views["requests"] | undefined;

  constructor(deps: PublisherDeps) {
    const { session, book, outbox } = deps;
    this.#deps = deps;
    this.#session = session;
    this.#book = book;
    this.#outbox = outbox;
    // Only a storage rotation leaves the list standing: what is stored is then all of it, as it was.
    this.#loaded = session.told.listIsWhole;
  }

  open(roomId: string): void {
    if (!this.#open.has(roomId)) this.#open.set(roomId, this.#room(roomId)?.readUpTo);
    this.#publishRoom(roomId);
  }

  close(roomId: string): void {
    this.#open.delete(roomId);
    this.#remove(`room:${roomId}`);
  }

  /** By the ids that the screens use. */
  openRooms(): string[] {
    return [...this.#open.keys()];
  }

  isOpen(roomId: RoomId): boolean {
    return [...this.#open.keys()].some((id) => this.#resolve(id) === roomId);
  }

  /** All of it: at the start, and when the organisation changed (names, permissions and times stand everywhere). */
  everything(): void {
    this.organisation();
    this.list(undefined);
    this.outbox();
    for (const roomId of this.#open.keys()) this.#publishRoom(roomId);
  }

  organisation(): void {
    const { org } = this.#book;
    if (!org) return;
    const now = this.#book.now();
    this.#set("org", orgView(org));
    if (org.policy) this.#session.told.setPolicy(org.policy);
    this.team();
    this.#set("invites", invitesView(org, now));
    const permissions = [...permissionsOfUser(org, this.#session.userId, now)].toSorted();
    this.#session.describe({
      permissions,
      isAdmin: isAdmin(org, this.#session.userId, now),
      displayName: nameOf(org, this.#session.userId),
    });
  }

  team(): void {
    const { org } = this.#book;
    if (!org) return;
    const { recipients, roster } = this.#deps;
    const me = this.#session.userId;
    this.#set("team", teamView(org, me, recipients, this.#book.now(), roster));
    this.#session.told.setPeople({
      nameOf: (userId) => nameOf(org, userId as UserId),
      isMember: (userId) => isMember(org, userId as UserId, this.#book.now()),
    });
  }

  connection(connection: Connection): void {
    this.#session.describe({ connection });
  }

  /** From now on the list is complete. */
  loaded(): void {
    this.#loaded = true;
    this.#session.told.listIsWhole = true;
    this.list(new Set());
  }

  /** @param changed the rooms whose rows may differ; undefined for all */
  list(changed: ReadonlySet<string> | undefined): void {
    const requests = this.#book.requests();
    const local = new Set(this.#outbox.items.map((item) => item.roomId).filter(isLocalRoom));
    const ids = new Set<string>([...requests.map((room) => room.roomId), ...local]);
    for (const id of this.#rows.keys()) if (!ids.has(id)) this.#rows.delete(id);
    for (const id of ids) {
      if (changed && !changed.has(id) && this.#rows.has(id)) continue;
      const row = this.#row(id);
      const text = JSON.stringify(row);
      if (!row) this.#rows.delete(id);
      else if (this.#rows.get(id)?.text !== text) this.#rows.set(id, { row, text });
    }
    const rows = [...this.#rows.values()].map(({ row }) => row).toSorted(byActivity);
    const before = this.#list;
    const same =
      before?.loaded === this.#loaded &&
      before.rows.length === rows.length &&
      before.rows.every((row, i) => row === rows[i]);
    if (same) return;
    this.#list = { loaded: this.#loaded, rows };
    this.#session.views.set("requests", this.#list);
  }

  rooms(changed: ReadonlySet<string>): void {
    for (const id of this.#open.keys())
      if (changed.has(id) || changed.has(this.#resolve(id))) this.#publishRoom(id);
  }

  outbox(): void {
    const items = this.#outbox.items
      .filter((item) => item.state.kind !== "sent" && !isSilent(item))
      .map((item) => ({
        localId: item.localId,
        roomId: item.roomId,
        what: titleOf(item),
        state: item.state as DeliveryState,
      }));
    const failed = items.filter((item) => item.state.kind === "failed").length;
    const view: OutboxView = { waiting: items.length - failed, failed, items };
    this.#set("outbox", view);
  }

  #row(id: string): RequestRow | undefined {
    const room = this.#room(id);
    const items = this.#outbox.inRoom(id);
    return requestRow(id, room, withPending(room, items, this.#me()), items);
  }

  #publishRoom(id: string): void {
    const roomId = this.#resolve(id);
    const room = this.#room(roomId);
    const items = this.#outbox.inRoom(roomId);
    const me = this.#me();
    const { recipients, devices, kept, isGranted, newerBuild } = this.#deps;
    const view = roomView({
      roomId,
      room,
      shown: withPending(room, items, me),
      items,
      org: this.#book.org,
      recipients,
      devices,
      me,
      readUpTo: this.#open.get(id),
      kept: kept(),
      granted: isGranted(roomId as RoomId),
      newerBuild: newerBuild(),
    });
    const starting = view.status === "not_found" && !this.#loaded;
    this.#set(`room:${id}`, starting ? ({ ...view, status: "loading" } satisfies RoomView) : view);
  }

  #resolve(id: string): string {
    return this.#deps.aliases.resolve(id);
  }

  #me() {
    const { userId, deviceId } = this.#session;
    const { org } = this.#book;
    const permissions = org ? permissionsOfUser(org, userId, this.#book.now()) : new Set<never>();
    return { userId, deviceId, permissions };
  }

  #room(id: string): Room | undefined {
    return this.#book.rooms.get(this.#resolve(id) as RoomId);
  }

  #set<S extends Slice>(slice: S, value: Views[S]): void {
    const text = JSON.stringify(value);
    if (this.#published.get(slice) === text) return;
    this.#published.set(slice, text);
    this.#session.views.set(slice, value);
  }

  #remove(slice: Slice): void {
    this.#published.delete(slice);
    this.#session.views.remove(slice);
  }
}

/** What nobody asked for by name shows only when it fails. */
function isSilent({ work, state }: OutboxItem): boolean {
  return (work.kind === "lifecycle" || work.kind === "snapshot") && state.kind !== "failed";
}

function titleOf({ work }: OutboxItem): string {
  switch (work.kind) {
    case "create":
      return "Room for a new request";
    case "invite":
      return "Invitations";
    case "lifecycle":
      return work.state === "open" ? "Mark as open" : "Mark as closed";
    case "message":
      return "Message";
    case "snapshot":
      return entryTitle({ type: "snapshot" });
    case "entry":
      return entryTitle(work.entry);
  }
}
