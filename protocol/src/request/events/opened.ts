import { applyChanges } from "../changes.ts";
import { defineRequestEntry } from "../defineRequestEntry.ts";
import { DisplayId } from "../displayId.ts";
import { invalidField, problemOf } from "../fieldProblems.ts";
import { RequestFields } from "../fields.ts";
import { invalid } from "../refusal.ts";

const BAD_NAME = "The request's short name must look like 1123-K7Q.";

/** A request begins. The first of a log counts; a second is refused. */
export const Opened = defineRequestEntry({
  type: "org.hearth.request.opened",
  since: 1,
  permission: "administer_requests",
  payload: { display_id: DisplayId, fields: RequestFields },
  example: {
    v: 1,
    id: "AAAAAAAAAAAAAAAAAAAAAA",
    device: "EXAMPLE",
    seq: 1,
    at: 1767225600000,
    heads: [],
    display_id: "0101-K7Q",
    fields: { description: "Example: somebody needs a ride home", priority: "non_urgent" },
  },
  when: "unopened",
  apply: (_, content, sender) => ({
    display_id: content.display_id,
    opened_by: sender,
    opened_at: content.at,
    fields: content.fields,
    hand_status: null,
    closed: null,
    heads: [],
    counters: {},
  }),
  says: () => [],
  describe: () => ({}),
  words: { label: "Opened", waiting: () => "New request", history: () => "opened the request" },
  ask: {
    kind: "open",
    givenBy: "deed",
    notPermitted: "You can't open requests. Ask a dispatcher, or an admin for the role.",
    make(wanted: { readonly displayId: string; readonly fields: RequestFields }, { now }) {
      const displayId = DisplayId.safeParse(wanted.displayId);
      if (!displayId.success) return invalid(BAD_NAME);
      const fields = RequestFields.safeParse(wanted.fields);
      if (!fields.success) return invalidField(fields.error.issues[0]?.path[0], wanted.fields);
      // Without the fields that are there and undefined.
      const said = applyChanges({} as RequestFields, fields.data);
      return problemOf(said, now) ?? { display_id: displayId.data, fields: said };
    },
    invalid: BAD_NAME,
  },
});
