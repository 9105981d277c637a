import type { EventId } from "@hearth/protocol";
import { redactedBy, type RawEvent } from "./rawEvent.ts";

/**
 * A room's events in the order of the homeserver: one unbroken stretch that ends now. What is older than the stretch
 * is either nothing (`beginning`) or can be asked for from a `token`. No timestamp is looked at: anybody can write one.
 */
export type RoomLog = {
  readonly events: readonly RawEvent[];
  readonly start: LogStart;
};
export type LogStart =
  | { readonly kind: "beginning" }
  | { readonly kind: "token"; readonly token: string }
  /** Older events were let go of here; the homeserver gives a token for the place of the first event when asked. */
  | { readonly kind: "trimmed" };

export const EMPTY_LOG: RoomLog = { events: [], start: { kind: "beginning" } };

/** What a sync response says about one room's timeline. `limited` or `initial`: there may be a gap before it. */
export type Chunk = {
  readonly events: readonly RawEvent[];
  readonly mayHaveGap: boolean;
  readonly prevBatch: string | undefined;
};

/** One page of `GET /messages?dir=b`: newest first; no `end` when there is nothing older. */
export type Page = { readonly events: readonly RawEvent[]; readonly end: string | undefined };

export type Merge =
  | { readonly kind: "joined"; readonly log: RoomLog; readonly added: readonly RawEvent[] }
  /** Older pages have to be fetched from `token` before anything may be folded. */
  | { readonly kind: "gap"; readonly token: string; readonly held: readonly RawEvent[] };

/** Puts a chunk of live events after what is known, or finds that something is missing between the two. */
export function mergeChunk(log: RoomLog, chunk: Chunk): Merge {
  if (log.events.length === 0) {
    const events = withoutRepeats(chunk.events);
    return { kind: "joined", log: { events, start: startOf(events, chunk.prevBatch) }, added: events };
  }
  if (
    chunk.mayHaveGap &&
    chunk.events.length > 0 &&
    !overlaps(log, chunk.events) &&
    chunk.prevBatch !== undefined
  )
    return { kind: "gap", token: chunk.prevBatch, held: chunk.events };
  return joined(log, chunk.events);
}

/**
 * Puts one older page before the events that wait behind a gap. Joined when the page reaches what is known; when the
 * homeserver has nothing older and never came to it (it purged what we know), what was known goes before it as it is.
 */
export function mergePage(log: RoomLog, held: readonly RawEvent[], page: Page): Merge {
  const events = withoutRepeats([...page.events.toReversed(), ...held]);
  if (overlaps(log, events) || page.end === undefined) return joined(log, events);
  return { kind: "gap", token: page.end, held: events };
}

/** Puts an older page before the whole log: scrolling back, or looking for where the room begins. */
export function prependPage(log: RoomLog, page: Page): RoomLog {
  const events = withoutRepeats([...page.events.toReversed(), ...log.events]);
  return { events, start: startOf(events, page.end) };
}

/** Lets go of all but the newest `keep` events. */
export function trimLog(log: RoomLog, keep: number): RoomLog {
  if (log.events.length <= keep) return log;
  return { events: log.events.slice(-keep), start: { kind: "trimmed" } };
}

/** Takes away the content of what redactions among `added` name. A redaction may come before what it redacts is known. */
export function applyRedactions(
  events: readonly RawEvent[],
  added: readonly RawEvent[],
): readonly RawEvent[] {
  const targets = new Set(added.map(redactedBy).filter((id) => id !== undefined));
  if (targets.size === 0) return events;
  return events.map((event) =>
    targets.has(event.event_id) && event.state_key === undefined && !event.redacted
      ? { ...event, content: {}, redacted: true as const }
      : event,
  );
}

function overlaps(log: RoomLog, events: readonly RawEvent[]): boolean {
  const known = new Set<EventId>(log.events.map((event) => event.event_id));
  return events.some((event) => known.has(event.event_id));
}

function joined(log: RoomLog, events: readonly RawEvent[]): Merge {
  const known = new Set<EventId>(log.events.map((event) => event.event_id));
  // What stands before the last known event is known too, or was dropped from our stretch's old end.
  const after = events.findLastIndex((event) => known.has(event.event_id)) + 1;
  const added = withoutRepeats(events.slice(after));
  if (added.length === 0) return { kind: "joined", log, added };
  return { kind: "joined", log: { events: [...log.events, ...added], start: log.start }, added };
}

function startOf(events: readonly RawEvent[], token: string | undefined): LogStart {
  if (token === undefined || events[0]?.type === "m.room.create") return { kind: "beginning" };
  return { kind: "token", token };
}

function withoutRepeats(events: readonly RawEvent[]): RawEvent[] {
  const seen = new Set<EventId>();
  return events.filter((event) => !seen.has(event.event_id) && seen.add(event.event_id));
}
