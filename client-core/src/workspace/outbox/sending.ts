import type { RoomId, UserId } from "@hearth/protocol";
import type { CryptoBackend } from "matrix-js-sdk/lib/common-crypto/CryptoBackend.js";
import type { SignedInSession } from "../../session/api.ts";
import { cryptoOf } from "../../session/sdk.ts";
import type { RoomAliases } from "../aliases.ts";
import { background } from "../background.ts";
import type { OutboundBlocks } from "../keys/outboundBlocks.ts";
import type { Recipients } from "../recipients.ts";
import type { RoomBook } from "../roomBook.ts";
import type { RoomEndpoints } from "../rooms.ts";
import { Outbox } from "./outbox.ts";
import { Sender } from "./sender.ts";

export type SendingSurroundings = {
  readonly session: SignedInSession;
  readonly book: RoomBook;
  readonly recipients: Recipients;
  readonly blocks: OutboundBlocks;
  readonly endpoints: RoomEndpoints;
  readonly aliases: RoomAliases;
  readonly pause: (atLeastMs?: number) => Promise<void>;
  /** How many sync responses there have been. */
  readonly responses: () => number;
  readonly onInvited: (localId: string, failed: ReadonlyMap<UserId, string>) => void;
  readonly onChange: (roomIds: ReadonlySet<string>) => void;
};

/** What goes out, put together: the outbox that keeps it, and the sender that does it. */
export function sending(around: SendingSurroundings): Outbox {
  const { session, book, recipients, blocks, endpoints, aliases } = around;
  const sender: Sender = new Sender({
    session,
    crypto: cryptoOf(session.client) as CryptoBackend,
    recipients,
    blocks,
    endpoints,
    org: () => book.org,
    orgNow: () => book.now(),
    room: (roomId) => book.rooms.get(roomId as RoomId),
    orphan: (since) => orphan(since),
    responses: around.responses,
    inRoom: (roomId) => outbox.inRoom(roomId),
    onInvited: around.onInvited,
  });
  const outbox: Outbox = new Outbox({
    records: session.records,
    send: (item, keep) => sender.send(item, keep),
    onBound: (from, to) => {
      const keep = aliases.bind(from, to);
      return async () => {
        await keep();
        around.onChange(new Set([from, to]));
      };
    },
    onChange: around.onChange,
    pause: around.pause,
    background: (work) => background(session, "sending", work),
    stopped: session.stopped,
    now: () => session.now(),
    randomId: () => session.randomId(),
  });

  function orphan(since: number): RoomId | undefined {
    const claimed = new Set([...outbox.items.map((item) => item.roomId), ...aliases.realRooms]);
    return book
      .requests()
      .find(
        (room) =>
          room.state.identity?.creator === session.userId &&
          (room.state.identity.createdAt ?? 0) >= since &&
          !room.digest.hasContent &&
          !claimed.has(room.roomId),
      )?.roomId;
  }

  return outbox;
}
