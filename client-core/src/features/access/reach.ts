import type { RoomId, Span } from "@hearth/protocol";
import type { RoomKeyRef } from "../../session/api.ts";
import { sessionIdOf } from "../../rooms/decryptor.ts";
import type { RawEvent } from "../../rooms/rawEvent.ts";

/** No key block of a sensible policy is longer, and no host moves what is asked for further back. */
const FURTHEST_MS = 31 * 86_400_000;

/**
 * Where an ask for a span has to begin to get the keys of its messages. A key stands in time where its block begins
 * (SPEC [K4]) and is given whole or not at all, so one of a block that was longer than today's begins before the span.
 * @param rooms the rooms that are asked for, with what is known here of their messages
 * @param known where a key stands in time, also one that is gone; infinity when nothing is known of it
 * @returns the beginning of the span, or that of the earliest key of a message in it
 */
export function beginOfKeys(
  { from, to }: Span,
  rooms: Iterable<{ readonly roomId: RoomId; readonly log: { readonly events: readonly RawEvent[] } }>,
  known: (key: RoomKeyRef) => number,
): number {
  let begin = from;
  for (const { roomId, log } of rooms)
    for (const event of log.events) {
      const sessionId = sessionIdOf(event);
      const at = event.origin_server_ts;
      if (sessionId === undefined || event.redacted || at < from || at > to) continue;
      const key = known({ roomId, sessionId });
      if (key >= from - FURTHEST_MS) begin = Math.min(begin, key);
    }
  return begin;
}
