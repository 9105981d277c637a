import { z } from "zod";
import { LogEntryId } from "../../ids.ts";
import { isBounded } from "../bounds.ts";
import { canonicalJson } from "../canonical.ts";
import { applyChanges } from "../changes.ts";
import { defineRequestEntry } from "../defineRequestEntry.ts";
import { invalidField, problemOf } from "../fieldProblems.ts";
import { RequestChanges, type RequestFieldName } from "../fields.ts";
import { list } from "../../list.ts";
import { NOTHING_CHANGED } from "../refusal.ts";

export const FIELD_NAMES: Record<RequestFieldName, string> = {
  description: "description",
  types: "type",
  location: "location",
  pin: "pin",
  caller_name: "caller's name",
  caller_contact: "caller's contact",
  call_started: "start of the call",
  call_ended: "end of the call",
  priority: "priority",
  tags: "tags",
};

const FIELDS = Object.keys(FIELD_NAMES) as [RequestFieldName, ...RequestFieldName[]];

type EditWish = {
  readonly changes: RequestChanges;
  readonly seen?: Partial<Record<RequestFieldName, LogEntryId | null>> | undefined;
};

/** Some fields change, by field. */
export const Edited = defineRequestEntry({
  type: "org.hearth.request.edited",
  since: 1,
  permission: "edit_request_data",
  payload: {
    changes: RequestChanges,
    /** By field, the entry that had last set it when its writer saw it; null: none had. Folds alike with and without. */
    seen: z.partialRecord(z.enum(FIELDS), LogEntryId.nullable()).optional(),
  },
  example: {
    v: 1,
    id: "AAAAAAAAAAAAAAAAAAAAAB",
    device: "EXAMPLE",
    seq: 2,
    at: 1767225660000,
    heads: ["AAAAAAAAAAAAAAAAAAAAAA"],
    changes: { location: "by the fountain", caller_name: null },
  },
  when: "open",
  apply: ({ fields }, { changes }) => ({ fields: applyChanges(fields, changes) }),
  says: ({ changes }) => Object.keys(changes) as RequestFieldName[],
  describe: ({ changes }) => ({ fields: Object.keys(changes) as readonly RequestFieldName[] }),
  words: {
    label: "Edited",
    waiting: () => "Changes to a request",
    history: ({ fields }) => `changed the ${list(fields.map((field) => FIELD_NAMES[field]))}`,
  },
  ask: {
    kind: "edit",
    givenBy: "screen",
    notPermitted: "You can't change requests. Ask an admin for a role that contributes to requests.",
    /** Carries what differs from the request as it is, and nothing else (SPEC [D2]). */
    make({ changes: wanted, seen }: EditWish, { folded, now }) {
      if (!isBounded(wanted)) return invalidField(undefined, wanted);
      const different = Object.fromEntries(
        Object.entries(wanted ?? {}).filter(([name, value]) => {
          const current = folded.fields[name as RequestFieldName];
          return value !== undefined && canonicalJson(value) !== canonicalJson(current ?? null);
        }),
      );
      if (Object.keys(different).length === 0) return NOTHING_CHANGED;
      const changes = RequestChanges.safeParse(different);
      if (!changes.success) return invalidField(changes.error.issues[0]?.path[0], different);
      const next = applyChanges(folded.fields, changes.data);
      // Trimming may have undone what was different.
      if (canonicalJson(next) === canonicalJson(folded.fields)) return NOTHING_CHANGED;
      const known = Object.entries(seen ?? {}).filter(([name]) => name in changes.data);
      return (
        problemOf(next, now) ?? {
          changes: changes.data,
          ...(known.length === 0 ? {} : { seen: Object.fromEntries(known) }),
        }
      );
    },
    invalid: "The input is not valid. Correct it.",
  },
});
