import { defineRequestEntry } from "../defineRequestEntry.ts";
import { NOTHING_CHANGED } from "../refusal.ts";
import { HandStatus, STATUS_LABELS } from "../status.ts";

/** A status set by hand, in any order; null resets to the computed one. */
export const StatusSet = defineRequestEntry({
  type: "org.hearth.request.status",
  since: 1,
  permission: "edit_request_data",
  payload: { status: HandStatus.nullable() },
  example: {
    v: 1,
    id: "AAAAAAAAAAAAAAAAAAAAAC",
    device: "EXAMPLE",
    seq: 3,
    at: 1767225720000,
    heads: [],
    status: "on_the_way",
  },
  when: "open",
  apply: (_, { status }) => ({ hand_status: status }),
  says: () => ["status"],
  describe: ({ status }) => ({ status }),
  words: {
    label: "Status",
    waiting: ({ status }) => (status === null ? "Status reset" : `Status: ${STATUS_LABELS[status]}`),
    history: ({ status }) =>
      status === null ? "reset the status" : `set the status to ${STATUS_LABELS[status]}`,
  },
  ask: {
    kind: "set_status",
    givenBy: "screen",
    notPermitted: "You can't set the status. Ask an admin for a role that contributes to requests.",
    make: ({ status }: { readonly status: HandStatus | null }, { folded }) =>
      status === folded.hand_status ? NOTHING_CHANGED : { status },
    invalid: "There is no such status. Choose one from the list.",
  },
});
