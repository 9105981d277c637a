import {
  foldRequest,
  RULES,
  markUnreadable,
  type EventId,
  type LeftOut,
  type LogEntryId,
  type LogInput,
  type RequestState,
  type UserId,
} from "@hearth/protocol";
import type { PermissionsAt } from "../../rooms/permissionsAt.ts";
import type { OpenedOf } from "../../rooms/projection.ts";
import { ENCRYPTED, type RawEvent } from "../../rooms/rawEvent.ts";

/** Folds a stretch of a room's log, in the homeserver's order, onto what was known before it. */
export function foldEvents(
  before: RequestState,
  events: readonly RawEvent[],
  openedOf: OpenedOf,
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

/**
 * A request's state as JSON, as it is carried on before a log: without the lines of its history, which go with their
 * events, and without `tail`, which only serves to compare summaries and repeats the fields many times.
 */
export type StoredRequest = {
  folded: RequestState["folded"] | null;
  toldBy: UserId | null;
  lastEventId: EventId | null;
  chain: string;
  incomplete: RequestState["incomplete"];
  seen: string[];
  sinceStart: string[] | null;
  closing: RequestState["closing"] | null;
  leftOut: string[];
  ended: RequestState["ended"] | null;
  /** The version of the rules that folded this, and the oldest that folds it alike. */
  foldedBy: number;
  rules: number;
  metNewer: boolean;
};

export function storeRequest(state: RequestState): StoredRequest {
  const { folded, toldBy, lastEventId, chain, incomplete, seen, sinceStart, closing, leftOut } = state;
  return {
    folded: folded ?? null,
    toldBy: toldBy ?? null,
    lastEventId: lastEventId ?? null,
    chain,
    incomplete,
    seen: [...seen],
    sinceStart: sinceStart ? [...sinceStart] : null,
    closing: closing ?? null,
    leftOut: [...leftOut],
    ended: state.ended ?? null,
    foldedBy: RULES.version,
    rules: state.rules,
    metNewer: state.metNewer,
  };
}

/** @param me whose device folded it */
export function restoreRequest(stored: StoredRequest, me: UserId): RequestState {
  return {
    folded: stored.folded ?? undefined,
    toldBy: stored.toldBy ?? undefined,
    lastEventId: stored.lastEventId ?? undefined,
    chain: stored.chain,
    history: [],
    seen: new Set(stored.seen as LogEntryId[]),
    sinceStart: stored.sinceStart === null ? undefined : new Set(stored.sinceStart as LogEntryId[]),
    tail: [],
    closing: stored.closing ?? undefined,
    leftOut: new Set(stored.leftOut as LeftOut[]),
    ended: stored.ended ?? undefined,
    rules: stored.rules,
    ...versionOf(stored, me),
  };
}

/**
 * What a base that was folded by another version is worth (SPEC [L15]). A newer one is to be met like a newer entry. An
 * older one that met a newer entry lacks what that said: now it is an entry like any other that can't be read any more.
 */
function versionOf(
  { foldedBy, metNewer, incomplete, lastEventId }: StoredRequest,
  me: UserId,
): Pick<RequestState, "metNewer" | "incomplete"> {
  if (foldedBy > RULES.version) {
    const newer = { kind: "newer_version", eventId: lastEventId ?? ("$" as EventId), author: me } as const;
    return { metNewer: true, incomplete: [...incomplete, newer] };
  }
  if (foldedBy === RULES.version || !metNewer) return { metNewer, incomplete };
  const lacking = incomplete.map((item) =>
    item.kind === "newer_version" ? ({ kind: "unreadable", eventId: item.eventId } as const) : item,
  );
  return { metNewer: false, incomplete: lacking };
}
