import { defineRequestEntry } from "../defineRequestEntry.ts";

/** A closed request goes on with the status it had. */
export const Reopened = defineRequestEntry({
  type: "org.hearth.request.reopened",
  since: 1,
  permission: "close_requests",
  payload: {},
  example: { v: 1, id: "AAAAAAAAAAAAAAAAAAAAAE", device: "EXAMPLE", seq: 5, at: 1767225840000, heads: [] },
  when: "closed",
  apply: () => ({ closed: null }),
  says: () => ["outcome"],
  describe: () => ({}),
  words: {
    label: "Reopened",
    waiting: () => "Reopening of a request",
    history: () => "reopened the request",
  },
  ask: {
    kind: "reopen",
    givenBy: "deed",
    notPermitted: "You can't reopen requests. Ask a dispatcher.",
    make: (_: object) => ({}),
    invalid: "This request can't be reopened. Reload Hearth, then try again.",
  },
});
