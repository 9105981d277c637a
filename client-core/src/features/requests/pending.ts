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
import type { Hiding } from "../../rooms/keys/keyWindow.ts";
import { requestIn, requestProjection, saidIn, toldOfRequest } from "./projection.ts";

/**
 * A request as it will be when what waits in the outbox has arrived: what its writer sees at once, and what their next
 * command is decided on. Never the ground of a snapshot, which speaks for what the homeserver has.
 */
export function withPending(
  room: Room | undefined,
  items: readonly OutboxItem[],
  me: { userId: UserId; deviceId: DeviceId; permissions: ReadonlySet<Permission> },
  hiding?: Hiding,
): RequestState {
  let state = shownIn(room, hiding);
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

function shownIn(room: Room | undefined, hiding: Hiding | undefined): RequestState {
  if (!room) return initialRequest();
  const state = requestIn(room);
  if (!hiding) return state ?? { ...initialRequest(), folded: saidIn(room) };
  const isPast = (at: number) => hiding.instant(at);
  const told = state ? requestProjection.tell(state) : toldOfRequest(room);
  if (requestProjection.isOver(told, isPast)) return initialRequest();
  if (!state) return { ...initialRequest(), folded: told.folded };
  return requestProjection.withoutPast(state, isPast);
}

function pendingEventId(item: OutboxItem): EventId {
  return `$${item.localId}` as EventId;
}
