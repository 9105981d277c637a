import { Member, Profile, type RoomId } from "@hearth/protocol";
import type { RoomView } from "../../contract/index.ts";
import type { Outbox } from "../../outbox/outbox.ts";
import type { Room } from "../../rooms/room.ts";
import type { RoomBook } from "../../rooms/roomBook.ts";
import type { SignedInSession } from "../../session/api.ts";
import { namedOnly, type Key, type Keys } from "../../store/change.ts";
import type { Reader } from "../../store/commit.ts";
import type { Shown } from "../../store/shown.ts";
import type { DeviceWatch } from "../people/deviceWatch.ts";
import type { Recipients } from "../people/recipients.ts";
import type { Hiding } from "../../rooms/keys/keyWindow.ts";
import { withPending } from "./pending.ts";
import { mayNow, ownPermissions } from "./requestListView.ts";
import { roomView, type KeptMessages } from "./roomView.ts";

export type OpenRoomsDeps = {
  readonly session: Pick<SignedInSession, "userId" | "deviceId">;
  readonly book: RoomBook;
  readonly outbox: Outbox;
  readonly recipients: Recipients;
  readonly devices: DeviceWatch;
  readonly aliases: { resolve(id: string): string };
  /** Whether a room that is not here is nowhere. */
  readonly isComplete: () => boolean;
  readonly shown: Shown;
  readonly kept: () => KeptMessages | undefined;
  readonly hiding: () => Hiding | undefined;
  readonly isGranted: (roomId: RoomId) => boolean;
  /** Whether our origin serves a newer build of this client than this one. */
  readonly newerBuild: () => boolean;
};

/** What of one room, and of no other, changes its view. */
const OF_ONE: readonly Key[] = ["room/*/log", "room/*/members", "outbox/*"];

/** The rooms that are on screens, each as its screen shows it. */
export class OpenRooms implements Reader {
  readonly name = "showing rooms";
  readonly reads: Reader["reads"];
  readonly #deps: OpenRoomsDeps;
  /** By the id that the screen uses, with the read mark of when they were opened. */
  readonly #open = new Map<string, string | undefined>();

  constructor(deps: OpenRoomsDeps) {
    this.#deps = deps;
    this.reads = [
      ...OF_ONE,
      ...ownPermissions(deps.session.userId),
      // Names, and who gets keys.
      `org/${Profile.type}/*`,
      `org/${Member.type}/*`,
      "keys/*",
      "roster",
      "devices",
      // Which messages are kept.
      "policy",
      "grants",
      // Whether it helps to reload.
      "build",
      "synced",
    ];
  }

  open(roomId: string): void {
    if (!this.#open.has(roomId)) this.#open.set(roomId, this.#room(roomId)?.readUpTo);
    this.#show(roomId);
  }

  close(roomId: string): void {
    this.#open.delete(roomId);
    this.#deps.shown.remove(`room:${roomId}`);
  }

  /** By the ids that the screens use. */
  get ids(): string[] {
    return [...this.#open.keys()];
  }

  isOpen(roomId: RoomId): boolean {
    return [...this.#open.keys()].some((id) => this.#resolve(id) === roomId);
  }

  run(keys: Keys): void {
    const named = namedOnly(keys, OF_ONE);
    for (const id of this.#open.keys())
      if (!named || named.has(id) || named.has(this.#resolve(id))) this.#show(id);
  }

  #show(id: string): void {
    const {
      session,
      book,
      outbox,
      recipients,
      devices,
      kept,
      hiding,
      isGranted,
      newerBuild,
      isComplete,
      shown,
    } = this.#deps;
    const roomId = this.#resolve(id);
    const room = this.#room(id);
    const items = outbox.inRoom(roomId);
    const { userId, deviceId } = session;
    const me = { userId, deviceId, permissions: mayNow(book, userId) };
    const view = roomView({
      roomId,
      room,
      shown: withPending(room, items, me, hiding()),
      hiding: hiding(),
      items,
      org: book.org,
      recipients,
      devices,
      me,
      readUpTo: this.#open.get(id),
      kept: kept(),
      granted: isGranted(roomId as RoomId),
      newerBuild: newerBuild(),
    });
    const isStarting = view.status === "not_found" && !isComplete();
    shown.set(`room:${id}`, isStarting ? ({ ...view, status: "loading" } satisfies RoomView) : view);
  }

  #resolve(id: string): string {
    return this.#deps.aliases.resolve(id);
  }

  #room(id: string): Room | undefined {
    return this.#deps.book.rooms.get(this.#resolve(id) as RoomId);
  }
}
