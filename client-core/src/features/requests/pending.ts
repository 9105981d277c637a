import {
  initialRequest,
  reduceRequest,
  type DeviceId,
  type EventId,
  type Permission,
  type RequestState,
  type UserId,
} from "@hearth/protocol";
import type { OutboxItem } from "../../outbox/items.ts";
import type { Room } from "../../rooms/room.ts";
import { requestIn, saidIn } from "./projection.ts";

/**
 * A request as it will be when what waits in the outbox has arrived: what its writer sees at once, and what their next
 * command is decided on. Never the ground of a snapshot, which speaks for what the homeserver has.
 */
export function withPending(
  room: Room | undefined,
  items: readonly OutboxItem[],
  me: { userId: UserId; deviceId: DeviceId; permissions: ReadonlySet<Permission> },
): RequestState {
  let state = requestIn(room) ?? { ...initialRequest(), folded: room && saidIn(room) };
  for (const item of items) {
    if (item.work.kind !== "entry" || item.state.kind === "failed") continue;
    const { entryId, entry } = item.work;
    const seq = (state.folded?.counters[`${me.userId}|${me.deviceId}`] ?? 0) + 1;
    state = reduceRequest(state, {
      eventId: pendingEventId(item),
      sender: me.userId,
      serverTs: item.createdAt,
      type: entry.type,
      content: {
        ...entry.payload,
        v: 1,
        id: entryId,
        device: me.deviceId,
        seq,
        at: item.createdAt,
        heads: state.folded?.heads ?? [],
      },
      senderPermissions: me.permissions,
    });
  }
  return state;
}

function pendingEventId(item: OutboxItem): EventId {
  return `$${item.localId}` as EventId;
}
