import type { Backend } from "../sdk/patches.ts";
import type { RoomId, UserId } from "@hearth/protocol";
import type { SignedInSession } from "../session/api.ts";
import { cryptoOf } from "../sdk/patches.ts";
import type { RoomAliases } from "../rooms/aliases.ts";
import { background } from "../workspace/background.ts";
import type { OutboundBlocks } from "../rooms/keys/outboundBlocks.ts";
import type { Recipients } from "../features/people/recipients.ts";
import type { RoomBook } from "../rooms/roomBook.ts";
import { requestProjection } from "../features/requests/projection.ts";
import type { RoomEndpoints } from "../rooms/endpoints.ts";
import { Outbox } from "./outbox.ts";
import { Sender } from "./sender.ts";

export type SendingDeps = {
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
export function sending(deps: SendingDeps): Outbox {
  const { session, book, recipients, blocks, endpoints, aliases } = deps;
  const sender: Sender = new Sender({
    session,
    crypto: cryptoOf(session.client) as Backend,
    recipients,
    blocks,
    endpoints,
    org: () => book.org,
    policy: book.policy,
    orgNow: () => book.now(),
    room: (roomId) => book.rooms.get(roomId as RoomId),
    orphan: (since) => orphan(since),
    responses: deps.responses,
    inRoom: (roomId) => outbox.inRoom(roomId),
    onInvited: deps.onInvited,
  });
  const outbox: Outbox = new Outbox({
    records: session.records,
    send: (item, keep) => sender.send(item, keep),
    onBound: (from, to) => {
      const keep = aliases.bind(from, to);
      return async () => {
        await keep();
        deps.onChange(new Set([from, to]));
      };
    },
    onChange: deps.onChange,
    pause: deps.pause,
    background: (work) => background(session, "sending", work),
    stopped: session.stopped,
    now: () => session.now(),
    randomId: () => session.randomId(),
  });

  function orphan(since: number): RoomId | undefined {
    const claimed = new Set([...outbox.items.map((item) => item.roomId), ...aliases.realRooms]);
    return book
      .ofKind(requestProjection)
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
