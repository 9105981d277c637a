import type { RequestState } from "@hearth/protocol";
import type { RoomLog } from "../../rooms/roomLog.ts";

/**
 * What a reader of this request must know is missing. Whoever starts from a snapshot can't read what came before it:
 * its author could, and if something was missing for them too, later entries tell by their heads and counters.
 */
export function shownIncomplete(request: RequestState, log: RoomLog): RequestState["incomplete"] {
  if (request.toldBy === undefined) return request.incomplete;
  const told = request.history.findLast(
    (item) => item.what.kind === "snapshot" && item.sender === request.toldBy,
  )?.eventId;
  const place = new Map(log.events.map((event, i) => [event.event_id, i]));
  const toldAt = (told && place.get(told)) ?? -1;
  return request.incomplete.filter(
    (item) => item.kind !== "unreadable" || (place.get(item.eventId) ?? -1) > toldAt,
  );
}
