import type { EventId, RequestState } from "@hearth/protocol";
import type { Opened } from "./decryptor.ts";
import { ENCRYPTED, foldEvents, type PermissionsAt } from "./fold.ts";
import type { RawEvent } from "./rawEvent.ts";

/**
 * Folds what is past the key window, as far as it can still be read, so that what a request says outlives the keys.
 * @param events what is folded onto `base`
 * @returns the new base and the last event in it; undefined when nothing past could be read: an old message that
 *   somebody sent once more, say, moves no line
 */
export async function passOn(
  base: RequestState,
  events: readonly RawEvent[],
  by: {
    readonly isPastEvent: (event: RawEvent) => boolean;
    readonly permissionsAt: PermissionsAt;
    readonly opened: ReadonlyMap<EventId, Opened>;
    readonly openOnceMore: (event: RawEvent) => Promise<Opened>;
  },
): Promise<{ readonly base: RequestState; readonly last: RawEvent } | undefined> {
  const opened = new Map(by.opened);
  // What came when it was past already was never folded: a closing, say, of the time that this device was off.
  const isSealed = (opening: Opened | undefined) =>
    opening === undefined || (opening.kind === "forgotten" && !opening.passedOn);
  for (const event of events)
    if (
      event.type === ENCRYPTED &&
      !event.redacted &&
      isSealed(opened.get(event.event_id)) &&
      by.isPastEvent(event)
    )
      opened.set(event.event_id, await by.openOnceMore(event));
  const at = events.findLastIndex((event) => {
    const kind = opened.get(event.event_id)?.kind;
    return kind !== undefined && kind !== "unreadable" && kind !== "forgotten" && by.isPastEvent(event);
  });
  const last = events[at];
  if (!last) return undefined;
  const folded = foldEvents(base, events.slice(0, at + 1), (id) => opened.get(id), by.permissionsAt);
  return { base: folded, last };
}

/** Whether an event is past the window and has said its last. */
export function isPassedOn(opening: Opened | undefined): boolean {
  return opening?.kind === "forgotten" && opening.passedOn;
}

/** A request without the lines of its history that are past, and without what it held to compare with. */
export function withoutPast(state: RequestState, isPast: (at: number) => boolean): RequestState {
  return {
    ...state,
    history: state.history.filter((item) => !isPast(item.serverTs)),
    tail: state.tail.filter(({ input }) => input !== undefined && !isPast(input.serverTs)),
  };
}
