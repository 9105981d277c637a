import { EventId, MessageContent, type RoomId } from "@hearth/protocol";
import type { CommandArg, CommandValue } from "../../contract/index.ts";
import { Refusal } from "../../session/failures.ts";
import type { RoomAliases } from "../../rooms/aliases.ts";
import { isLocalRoom } from "../../outbox/items.ts";
import type { Outbox } from "../../outbox/outbox.ts";
import { TOO_LARGE, willBeTooLarge } from "../../outbox/wire.ts";
import type { OpenRooms } from "./openRooms.ts";
import type { Room } from "../../rooms/room.ts";
import type { RoomBook } from "../../rooms/roomBook.ts";

type Deps = {
  readonly book: RoomBook;
  readonly outbox: Outbox;
  readonly openRooms: Pick<OpenRooms, "open" | "close" | "isOpen">;
  readonly aliases: RoomAliases;
  /** A room is on a screen now: who its people are is about to be shown. */
  readonly onOpened: () => void;
  /** Older messages of a room were loaded, which are not stored. */
  readonly onOlder: (roomId: RoomId) => void;
};

/** What people do with a room that they look at: open it, read on, say something, try again what could not be sent. */
export class RoomCommands {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  async open({ roomId }: CommandArg<"room.open">): Promise<void> {
    const { openRooms, book, onOpened } = this.#deps;
    openRooms.open(roomId);
    const room = this.#room(roomId);
    if (!room) return;
    if (room.projection && room.projected === undefined) await book.change(room.roomId, () => room.refold());
    onOpened();
  }

  async close({ roomId }: CommandArg<"room.close">): Promise<void> {
    const { openRooms } = this.#deps;
    openRooms.close(roomId);
    const room = this.#room(roomId);
    if (room && !openRooms.isOpen(room.roomId)) await room.inTurn(() => Promise.resolve(room.letGoOfOlder()));
  }

  async loadOlder({ roomId }: CommandArg<"room.loadOlder">): Promise<CommandValue<"room.loadOlder">> {
    const room = this.#room(roomId);
    if (!room) return { more: false };
    const more = await room.inTurn(() => room.loadOlder());
    this.#deps.onOlder(room.roomId);
    return { more };
  }

  async markRead({ roomId, upTo }: CommandArg<"room.markRead">): Promise<void> {
    const room = this.#room(roomId);
    const seen = EventId.safeParse(upTo);
    if (room && seen.success) await this.#deps.book.markRead(room, seen.data);
  }

  async say(arg: CommandArg<"chat.send">): Promise<CommandValue<"chat.send">> {
    const { outbox, aliases } = this.#deps;
    const roomId = aliases.resolve(arg.roomId);
    if (!this.#room(roomId) && !(isLocalRoom(roomId) && outbox.inRoom(roomId).length > 0))
      throw new Refusal("not_found", "This request is not here (any more).");
    const reply = EventId.safeParse(arg.replyTo);
    const relation = reply.success ? { "m.relates_to": { "m.in_reply_to": { event_id: reply.data } } } : {};
    const content = MessageContent.safeParse({ msgtype: "m.text", body: arg.body, ...relation });
    if (!content.success)
      throw arg.body === ""
        ? new Refusal("invalid", "The message is empty.")
        : new Refusal("too_large", "The message is too long: at most 20,000 characters. Send it in parts.");
    if (willBeTooLarge(content.data)) throw new Refusal("too_large", TOO_LARGE);
    const [item] = await outbox.add(roomId, [{ kind: "message", content: content.data }]);
    return { localId: item?.localId ?? "" };
  }

  async retry({ localId }: CommandArg<"outbox.retry">): Promise<void> {
    if (!(await this.#deps.outbox.retry(localId)))
      throw new Refusal("not_found", "It is not waiting any more.");
  }

  async discard({ localId }: CommandArg<"outbox.discard">): Promise<void> {
    if (!(await this.#deps.outbox.discard(localId)))
      throw new Refusal("conflict", "It is being sent or has been sent, so it can't be taken back.");
  }

  #room(roomId: string): Room | undefined {
    return this.#deps.book.rooms.get(this.#deps.aliases.resolve(roomId) as RoomId);
  }
}
