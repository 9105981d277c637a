import type { RoomId } from "@hearth/protocol";
import { MatrixEvent } from "matrix-js-sdk";
import type { RawEvent } from "../rooms/rawEvent.ts";

/** An event as the SDK's crypto wants it: an object of its own, in no room of the SDK's. */
export function toMatrixEvent(roomId: RoomId, raw: RawEvent): MatrixEvent {
  const { event_id, type, sender, origin_server_ts } = raw;
  return new MatrixEvent({
    event_id,
    type,
    sender,
    origin_server_ts,
    room_id: roomId,
    content: structuredClone(raw.content) as Record<string, unknown>,
  });
}
