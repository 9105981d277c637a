import { namedBlock, sessionTime, type RoomId, type Span } from "@hearth/protocol";
import type { RoomKeyRef, SignedInSession } from "../../session/api.ts";
import { Refusal } from "../../session/failures.ts";
import { sessionIdOf } from "../../rooms/decryptor.ts";
import { decryptEvent, toMatrixEvent } from "../../sdk/matrixEvent.ts";
import { readRawEvents, type RawEvent } from "../../rooms/rawEvent.ts";
import { keysFromBackup } from "./backupKeys.ts";
import { heldKeys, keyName } from "../../sdk/megolm.ts";
import type { Gathered } from "./store.ts";

export type GatherDeps = {
  readonly session: SignedInSession;
  /** The rooms that giver and asker are both in, of those that were asked for. */
  readonly rooms: readonly RoomId[];
  readonly span: Span;
  /** Takes note of times, and gives where a key stands by all that is known. */
  readonly note: (key: RoomKeyRef, ...at: readonly (number | undefined)[]) => number;
  readonly pause: (failure: unknown) => Promise<void>;
};

/**
 * How far a message's time may lie from its place in the order before reading back ends too soon: many people writing
 * at once differ by little.
 */
const SLACK_MS = 60_000;
const PAGE = 200;
/** A room has far fewer messages than fit into these; a server that gives one page after the other without end, more. */
const MOST_PAGES = 1000;
/** Pages in a row that bring nothing new: then there is nothing older, whatever the server says. */
const MOST_EMPTY = 10;

/**
 * Which keys belong to a span of time: those that messages of the span were encrypted with, by the server's times and by
 * the block that one message of each names inside its ciphertext, which no server can change. So nothing is given
 * that stands for older messages, whatever the server says of their age. Keys that are not here are asked of the backup.
 */
export async function gather(deps: GatherDeps): Promise<Gathered> {
  const held = await heldKeys(deps.session.client);
  const found: { roomId: RoomId; sessionId: string; at: number }[] = [];
  for (const roomId of deps.rooms) {
    const seen = await sessionsIn(roomId, deps);
    if (seen.size === 0) continue;
    const missing = [...seen.keys()].filter((sessionId) => !held.has(keyName({ roomId, sessionId })));
    if (missing.length > 0) await keysFromBackup(deps.session, roomId, missing);
    for (const [sessionId, { event, at }] of seen) {
      const opened = toMatrixEvent(roomId, event);
      await decryptEvent(deps.session.client, opened);
      // Can't be opened here: nobody knows how old it is, and there is nothing to give.
      if (opened.isDecryptionFailure()) continue;
      const time = deps.note({ roomId, sessionId }, at, namedBlock(opened.getContent()));
      if (deps.span.from <= time && time <= deps.span.to) found.push({ roomId, sessionId, at: time });
      deps.session.stopped.throwIfAborted();
    }
  }
  return found;
}

type Seen = Map<string, { event: RawEvent; at: number }>;

/** Each session with its oldest message as the server has them, back to the beginning of the span. */
async function sessionsIn(roomId: RoomId, { session, span, pause }: GatherDeps): Promise<Seen> {
  const seen: Seen = new Map();
  const known = new Set<string>();
  let from: string | undefined;
  let empty = 0;
  for (let pages = 0; ;) {
    session.stopped.throwIfAborted();
    const query = new URLSearchParams({
      dir: "b",
      limit: String(PAGE),
      filter: JSON.stringify({ types: ["m.room.encrypted"] }),
      ...(from === undefined ? {} : { from }),
    });
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/messages?${query.toString()}`;
    let answer: { chunk?: unknown[]; end?: unknown };
    try {
      answer = await session.request("GET", path);
    } catch (error) {
      await pause(error);
      continue;
    }
    pages += 1;
    const events = readRawEvents(answer.chunk).filter((event) => !event.redacted);
    for (const event of events) {
      const sessionId = sessionIdOf(event);
      if (sessionId === undefined || event.origin_server_ts > span.to) continue;
      const at = sessionTime(seen.get(sessionId)?.at, event.origin_server_ts);
      seen.set(sessionId, { event, at });
    }
    from = typeof answer.end === "string" ? answer.end : undefined;
    const older = events.length > 0 && events.every((event) => event.origin_server_ts < span.from - SLACK_MS);
    empty = events.some((event) => !known.has(event.event_id)) ? 0 : empty + 1;
    for (const event of events) known.add(event.event_id);
    if (from === undefined || older || empty >= MOST_EMPTY) return seen;
    if (pages >= MOST_PAGES)
      throw new Refusal(
        "too_large",
        "The server gives messages of one request without end. Ask for a shorter time, or for single requests.",
      );
  }
}
