import type { EventId } from "../ids.ts";
import { Draft } from "./draft.ts";
import { readEntryContent } from "./entry.ts";
import type { FoldedRequest } from "./folded.ts";
import type { HistoryItem, LogInput, RequestState } from "./model.ts";
import { RULES, type RuleSet } from "./rules.ts";
import type { RequestStatus } from "./status.ts";

export { isRequestLogType } from "./entry.ts";
export { initialRequest } from "./initial.ts";

/**
 * Folds one event of the log (SPEC.md, L and S). Pure; takes any content and never throws: what is not
 * valid or not permitted changes nothing but the history, where it stands as refused. Events must come in the
 * homeserver's order; one that was folded already (same event id) gives the same state back.
 */
export function reduceRequest(state: RequestState, input: LogInput): RequestState {
  return foldRequest(state, [input]);
}

/** Folds several, in order: the same as one after the other, without copying the state each time. */
export function foldRequest(
  state: RequestState,
  inputs: Iterable<LogInput>,
  rules: RuleSet = RULES,
): RequestState {
  const draft = new Draft(state, rules);
  for (const input of inputs) draft.take(input);
  return draft.done();
}

/**
 * Notes, at its place in the order, an event of which nobody can say what it is, because it could not be decrypted.
 * When its key arrives, fold the whole anew: it belongs where it stood.
 */
export function markUnreadable(state: RequestState, eventId: EventId, rules: RuleSet = RULES): RequestState {
  const draft = new Draft(state, rules);
  draft.takeUnreadable(eventId);
  return draft.done();
}

/** How an entry reads by itself, whoever wrote it and whether or not it counts; undefined for what is none. */
export function describeLogEntry(type: string, content: unknown): HistoryItem["what"] | undefined {
  const read = readEntryContent(type, content);
  return read?.rule.describe(read.content);
}

/** What is shown as the request's status: computed, never stored. */
export function statusOf(request: RequestState | FoldedRequest | undefined): RequestStatus {
  const folded = request && "history" in request ? request.folded : request;
  if (!folded) return "unassigned";
  if (folded.closed) return "closed";
  return folded.hand_status ?? "unassigned";
}
