import type { EventId } from "@hearth/protocol";
import { ENCRYPTED, type RawEvent } from "./rawEvent.ts";

/**
 * Events that repeat the very ciphertext of one before them, under an id of their own. Nobody but the homeserver can
 * make one: a sender's client encrypts each message anew, and two ciphertexts of one session are never alike.
 * @param events in the homeserver's order
 */
export function replaysIn(events: readonly RawEvent[]): ReadonlySet<EventId> {
  const seen = new Set<string>();
  const replays = new Set<EventId>();
  for (const { type, event_id, content } of events) {
    const { session_id: session, ciphertext } = content;
    if (type !== ENCRYPTED || typeof session !== "string" || typeof ciphertext !== "string") continue;
    // Base64 with and without its padding is read alike.
    const wire = `${session} ${ciphertext.replace(/=+$/, "")}`;
    if (seen.has(wire)) replays.add(event_id);
    seen.add(wire);
  }
  return replays;
}
