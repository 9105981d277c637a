import type { UserId } from "../ids.ts";
import type { Entry } from "./entry.ts";
import type { FoldedRequest } from "./events/snapshot.ts";
import type { RequestChanges, RequestFieldName, RequestFields } from "./fields.ts";
import type { EntryRefusal, HistoryItem, LeftOut } from "./model.ts";

export type FoldableEntry = Exclude<Entry, { type: "org.hearth.request.snapshot" }>;

/** Why an entry that is valid and permitted can't change a request in this state; undefined if it can. */
export function refusalInState(folded: FoldedRequest | undefined, { type }: Entry): EntryRefusal | undefined {
  if (type === "org.hearth.request.snapshot") return undefined;
  if (type === "org.hearth.request.opened") return folded ? "already_open" : undefined;
  if (!folded) return "not_open_yet";
  if (type === "org.hearth.request.reopened") return folded.closed ? undefined : "not_closed";
  return folded.closed ? "closed" : undefined;
}

/** What the request says after an entry that `refusalInState` let pass, and after one more in the count. */
export function applyEntry(
  folded: FoldedRequest | undefined,
  entry: FoldableEntry,
  sender: UserId,
): FoldedRequest {
  if (entry.type === "org.hearth.request.opened")
    return {
      display_id: entry.content.display_id,
      opened_by: sender,
      opened_at: entry.content.at,
      fields: entry.content.fields,
      hand_status: null,
      closed: null,
      heads: [],
      counters: {},
      count: 1,
    };
  if (!folded) throw new Error(`${entry.type} before the opening must be refused`);
  return { ...folded, ...changed(folded, entry, sender), count: folded.count + 1 };
}

function changed(
  folded: FoldedRequest,
  entry: Exclude<FoldableEntry, { type: "org.hearth.request.opened" }>,
  sender: UserId,
): Partial<FoldedRequest> {
  switch (entry.type) {
    case "org.hearth.request.edited":
      return { fields: applyChanges(folded.fields, entry.content.changes) };
    case "org.hearth.request.status":
      return { hand_status: entry.content.status };
    case "org.hearth.request.closed": {
      const { at, outcome } = entry.content;
      return { closed: { by: sender, at, ...(outcome === undefined ? {} : { outcome }) } };
    }
    case "org.hearth.request.reopened":
      return { closed: null };
  }
}

/** What an entry says anew, whatever was said of it before. */
export function saidBy(entry: FoldableEntry): readonly LeftOut[] {
  switch (entry.type) {
    case "org.hearth.request.opened":
      return [];
    case "org.hearth.request.edited":
      return Object.keys(entry.content.changes) as RequestFieldName[];
    case "org.hearth.request.status":
      return ["status"];
    case "org.hearth.request.closed":
    case "org.hearth.request.reopened":
      return ["outcome"];
  }
}

/** A value sets its field, null empties it, an absent one leaves it. */
export function applyChanges(fields: RequestFields, changes: RequestChanges): RequestFields {
  const next: Record<string, unknown> = { ...fields };
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) delete next[name];
    else if (value !== undefined) next[name] = value;
  }
  return next as RequestFields;
}

/** How an entry stands in the history. */
export function describeEntry(entry: Entry): HistoryItem["what"] {
  switch (entry.type) {
    case "org.hearth.request.opened":
      return { kind: "opened" };
    case "org.hearth.request.edited":
      return { kind: "edited", fields: Object.keys(entry.content.changes) as RequestFieldName[] };
    case "org.hearth.request.status":
      return { kind: "status", status: entry.content.status };
    case "org.hearth.request.closed":
      return entry.content.outcome === undefined
        ? { kind: "closed" }
        : { kind: "closed", outcome: entry.content.outcome };
    case "org.hearth.request.reopened":
      return { kind: "reopened" };
    case "org.hearth.request.snapshot":
      return { kind: "snapshot" };
  }
}
