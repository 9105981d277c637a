import type { z } from "zod";
import type { EventId, LogEntryId, UserId } from "../ids.ts";
import { Edited } from "./events/edited.ts";
import { Opened } from "./events/opened.ts";
import { Snapshot } from "./events/snapshot.ts";
import type { RequestFieldName } from "./fields.ts";

/** What one edit did to one field. `null` is an empty field. */
export type FieldChange = {
  readonly field: RequestFieldName;
  /** What the field said before, as far as it can be read here. */
  readonly from?: unknown;
  readonly to: unknown;
  /** It replaced what its writer had not seen: the event that had set the field. */
  readonly unseen?: EventId;
};

/** Which entry last set each field: an edit names it, see `seen` there. */
export type SetBy = Partial<Record<RequestFieldName, LogEntryId>>;

type Entry = {
  readonly eventId: EventId;
  readonly sender: UserId;
  readonly type: string;
  readonly content: unknown;
};
type Setting = Pick<Entry, "eventId" | "sender"> & {
  readonly place: number;
  readonly id: LogEntryId;
  readonly value: unknown;
};

/**
 * What each edit changed, from what to what, and whether its writer knew what they replaced.
 * @param entries those that count, in the log's order; what can't be read is left out
 */
export function followFields(entries: readonly Entry[]): {
  readonly changes: ReadonlyMap<EventId, readonly FieldChange[]>;
  readonly setBy: SetBy;
} {
  const changes = new Map<EventId, readonly FieldChange[]>();
  const now = new Map<RequestFieldName, Setting>();
  const places = new Map<LogEntryId, number>();
  for (const [place, { eventId, sender, type, content }] of entries.entries()) {
    const set = (fields: object, id: LogEntryId) => {
      for (const [field, value] of Object.entries(fields))
        now.set(field as RequestFieldName, { place, eventId, sender, id, value });
    };
    if (type === Opened.type) {
      const opened = Opened.schema.safeParse(content).data;
      if (!opened) continue;
      places.set(opened.id, place);
      set(opened.fields, opened.id);
    } else if (type === Snapshot.type) {
      const snapshot = Snapshot.schema.safeParse(content).data;
      if (!snapshot) continue;
      places.set(snapshot.id, place);
      // Where a reader begins; who has read the entries knows better who set what.
      for (const [field, value] of Object.entries(snapshot.state.fields))
        if (!now.has(field as RequestFieldName))
          now.set(field as RequestFieldName, { place, eventId, sender, id: snapshot.id, value });
    } else if (type === Edited.type) {
      const edited = Edited.schema.safeParse(content).data;
      if (!edited) continue;
      changes.set(eventId, changesOf(edited, sender, now, places));
      places.set(edited.id, place);
      set(edited.changes, edited.id);
    }
  }
  return { changes, setBy: Object.fromEntries([...now].map(([field, { id }]) => [field, id])) };
}

function changesOf(
  { changes, seen }: z.infer<typeof Edited.schema>,
  sender: UserId,
  now: ReadonlyMap<RequestFieldName, Setting>,
  places: ReadonlyMap<LogEntryId, number>,
): FieldChange[] {
  return Object.entries(changes).map(([name, to]) => {
    const field = name as RequestFieldName;
    const before = now.get(field);
    const saw = seen?.[field];
    // What its writer has seen may be an entry that can't be read here: then nothing is known against them.
    const sawAt = saw === null ? -1 : saw === undefined ? undefined : places.get(saw);
    const isUnseen =
      before !== undefined && before.sender !== sender && sawAt !== undefined && sawAt < before.place;
    return {
      field,
      ...(before === undefined ? {} : { from: before.value }),
      to,
      ...(isUnseen ? { unseen: before.eventId } : {}),
    };
  });
}
