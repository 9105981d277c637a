import type { FoldedRequest, RequestState } from "@hearth/protocol";

/** A request without what its past entries left in it beside the fields: history, and entries held to be compared. */
export function withoutPast(state: RequestState, isPast: (at: number) => boolean): RequestState {
  return {
    ...state,
    history: state.history.filter((item) => !isPast(item.serverTs)),
    tail: state.tail.filter(({ input }) => input !== undefined && !isPast(input.serverTs)),
  };
}

/** Whether a request is closed, and its closing is past: then nobody needs what it said. */
export function closedBefore(
  state: Pick<RequestState, "history">,
  folded: FoldedRequest | undefined,
  isPast: (at: number) => boolean,
): boolean {
  if (!folded?.closed) return false;
  const closing = state.history.findLast((item) => item.what.kind === "closed");
  // Told by a summary: then the writer's own word.
  return isPast(closing?.serverTs ?? folded.closed.at);
}
