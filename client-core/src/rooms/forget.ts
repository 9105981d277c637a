import type { EventId } from "@hearth/protocol";
import type { Opened } from "./decryptor.ts";
import type { PermissionsAt } from "./permissionsAt.ts";
import type { AnyProjection } from "./projection.ts";
import { ENCRYPTED, type RawEvent } from "./rawEvent.ts";

/** Past the window, and folded as far as it could be. */
export const FORGOTTEN: Opened = { kind: "forgotten", passedOn: true };
/** An entry of what is over, its end past: within the window, and of nothing that may still be shown. */
export const SEALED: Opened = { kind: "forgotten", passedOn: false };

/**
 * Folds what is past the key window, as far as it can still be read, so that what it says outlives the keys.
 * @param events what is folded onto `base`
 * @returns the new base and the last event in it; undefined when nothing past could be read: an old message that
 *   somebody sent once more, say, moves no line
 */
export async function passOn(
  projection: AnyProjection,
  base: unknown,
  events: readonly RawEvent[],
  by: {
    readonly isPastEvent: (event: RawEvent) => boolean;
    readonly permissionsAt: PermissionsAt;
    readonly opened: ReadonlyMap<EventId, Opened>;
    readonly openOnceMore: (event: RawEvent) => Promise<Opened>;
  },
): Promise<{ readonly base: unknown; readonly last: RawEvent } | undefined> {
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
  const folded = projection.fold(base, events.slice(0, at + 1), (id) => opened.get(id), by.permissionsAt);
  return { base: folded, last };
}

/** Whether an event is past the window and has said its last. */
export function isPassedOn(opening: Opened | undefined): boolean {
  return opening?.kind === "forgotten" && opening.passedOn;
}
