import {
  foldRequest,
  markUnreadable,
  type EventId,
  type LogEntryId,
  type LogInput,
  type Permission,
  type RequestState,
  type UserId,
} from "@hearth/protocol";
import type { Opened } from "./decryptor.ts";
import type { RawEvent } from "./rawEvent.ts";

export const ENCRYPTED = "m.room.encrypted";

/** What somebody was permitted at an instant (an event's origin_server_ts). */
export type PermissionsAt = (userId: UserId, at: number) => ReadonlySet<Permission>;

/** Folds a stretch of a room's log, in the homeserver's order, onto what was known before it. */
export function foldEvents(
  before: RequestState,
  events: readonly RawEvent[],
  openedOf: (eventId: EventId) => Opened | undefined,
  permissionsAt: PermissionsAt,
): RequestState {
  let state = before;
  let inputs: LogInput[] = [];
  const flush = () => {
    if (inputs.length > 0) state = foldRequest(state, inputs);
    inputs = [];
  };
  for (const event of events) {
    if (event.type !== ENCRYPTED || event.redacted) continue;
    const opened = openedOf(event.event_id);
    if (opened?.kind === "unreadable") {
      flush();
      state = markUnreadable(state, event.event_id);
    } else if (opened?.kind === "entry" && opened.sharedBy === undefined) {
      // What only a grant's giver vouches for is shown, and never folded: what a summary says of it counts. [P6]
      inputs.push({
        eventId: event.event_id,
        sender: event.sender,
        serverTs: event.origin_server_ts,
        type: opened.type,
        content: opened.content,
        senderPermissions: permissionsAt(event.sender, event.origin_server_ts),
      });
    }
  }
  flush();
  return state;
}

/** A request's state as JSON. Its `tail` only serves to compare snapshots, and repeats the fields many times: left out. */
export type StoredRequest = Omit<
  RequestState,
  "seen" | "sinceStart" | "tail" | "folded" | "toldBy" | "lastEventId" | "unreached"
> & {
  folded: RequestState["folded"] | null;
  toldBy: UserId | null;
  lastEventId: EventId | null;
  seen: string[];
  sinceStart: string[] | null;
};

export function storeRequest(state: RequestState): StoredRequest {
  const { folded, toldBy, lastEventId, chain, history, incomplete, seen, sinceStart } = state;
  return {
    folded: folded ?? null,
    toldBy: toldBy ?? null,
    lastEventId: lastEventId ?? null,
    chain,
    history,
    incomplete,
    seen: [...seen],
    sinceStart: sinceStart ? [...sinceStart] : null,
  };
}

export function restoreRequest(stored: StoredRequest): RequestState {
  return {
    folded: stored.folded ?? undefined,
    toldBy: stored.toldBy ?? undefined,
    lastEventId: stored.lastEventId ?? undefined,
    chain: stored.chain,
    history: stored.history,
    incomplete: stored.incomplete,
    seen: new Set(stored.seen as LogEntryId[]),
    sinceStart: stored.sinceStart === null ? undefined : new Set(stored.sinceStart as LogEntryId[]),
    tail: [],
  };
}
