import { Member, memberStateKey, Role, type Permission, type UserId } from "@hearth/protocol";
import type { RequestListView, RequestRow } from "../../contract/index.ts";
import { permissionsOfUser } from "../../org/org.ts";
import { isLocalRoom } from "../../outbox/items.ts";
import type { Outbox } from "../../outbox/outbox.ts";
import type { Room } from "../../rooms/room.ts";
import { isRequest } from "./projection.ts";
import type { RoomBook } from "../../rooms/roomBook.ts";
import type { SignedInSession } from "../../session/api.ts";
import { namedIn, readBy, type Keys } from "../../store/change.ts";
import { share } from "../../store/share.ts";
import type { View } from "../../store/shown.ts";
import { withPending } from "./pending.ts";
import type { Hiding } from "../../rooms/keys/keyWindow.ts";
import { byActivity, requestRow } from "./requestList.ts";

type Deps = {
  readonly session: Pick<SignedInSession, "userId" | "deviceId">;
  readonly book: Pick<RoomBook, "rooms" | "org" | "now">;
  readonly outbox: Pick<Outbox, "items" | "inRoom">;
  readonly aliases: { resolve(id: string): string };
  /** What is not to be shown, though it is here. */
  readonly hiding: () => Hiding | undefined;
  /** Whether what is here was known to be all of it before this began, or the server has told of every room since. */
  readonly isComplete: () => boolean;
};

/** The list of requests: a row for each room, made again when something that this row is made of has changed. */
export class RequestList implements View<"requests"> {
  readonly slice = "requests";
  readonly reads: View["reads"];
  readonly #deps: Deps;
  readonly #rows = new Map<string, RequestRow>();

  constructor(deps: Deps) {
    this.#deps = deps;
    this.reads = [
      "room/*/log",
      "room/*/members",
      "outbox/*",
      "org/m.room.create/",
      "synced",
      // What waits to be sent counts for what its writer may do.
      ...ownPermissions(deps.session.userId),
    ];
  }

  readonly make = (keys: Keys | undefined): RequestListView => {
    for (const id of this.#changed(keys)) this.#remake(id);
    return { loaded: this.#deps.isComplete(), rows: [...this.#rows.values()].toSorted(byActivity) };
  };

  /** The ids of rows that may differ now. */
  #changed(keys: Keys | undefined): Set<string> {
    const { book, outbox, session } = this.#deps;
    const waiting = outbox.items.map(({ roomId }) => roomId);
    if (!keys || keys.has("org/m.room.create/"))
      return new Set([...this.#rows.keys(), ...book.rooms.keys(), ...waiting]);
    const named = [
      ...namedIn(keys, "room/*/log"),
      ...namedIn(keys, "room/*/members"),
      ...namedIn(keys, "outbox/*"),
    ];
    const mayOther = readBy(ownPermissions(session.userId), keys).size > 0;
    return new Set(mayOther ? [...named, ...waiting] : named);
  }

  #remake(id: string): void {
    const row = this.#row(id);
    if (row) this.#rows.set(id, share(this.#rows.get(id), row));
    else this.#rows.delete(id);
  }

  #row(id: string): RequestRow | undefined {
    const { session, book, outbox, aliases } = this.#deps;
    const items = outbox.inRoom(id);
    // One that has been made is shown under its own id.
    const isHere = isLocalRoom(id)
      ? items.length > 0
      : isRequestOf(book.rooms.get(id as Room["roomId"]), book);
    if (!isHere) return undefined;
    const room = book.rooms.get(aliases.resolve(id) as Room["roomId"]);
    const { userId, deviceId } = session;
    const me = { userId, deviceId, permissions: mayNow(book, userId) };
    return requestRow(id, room, withPending(room, items, me, this.#deps.hiding()), items);
  }
}

function isRequestOf(room: Room | undefined, { org }: Pick<RoomBook, "org">): boolean {
  return room !== undefined && isRequest(room) && room.orgId === org?.orgId;
}

/** What a person may do now; nothing before the organisation is known. */
export function mayNow(book: Pick<RoomBook, "org" | "now">, userId: UserId): ReadonlySet<Permission> {
  return book.org ? permissionsOfUser(book.org, userId, book.now()) : new Set<Permission>();
}

/** What says what somebody may do. */
export function ownPermissions(userId: UserId): View["reads"] {
  return [`org/${Member.type}/${memberStateKey(userId)}`, `org/${Role.type}/*`, "time"];
}
