import { Access, memberStateKey, type Instant, type LoggedAsk } from "@hearth/protocol";
import { requireAdmin } from "./authority.ts";
import { done, refuse } from "./implementation.ts";
import type { CommandImplementation } from "./implementation.ts";

/**
 * Writes down an admin's answer, before their client gives anything: nothing is given unlogged, and of two admins who
 * answer at once only one does. [P6]
 */
export const accessAnswer: CommandImplementation<"access answer"> = {
  authorise: (situation) => requireAdmin(situation, "answer requests for access"),
  plan({ org, actor, at }, { user, request, answer, until, sessions, automatic }) {
    const log = org.access.get(memberStateKey(user));
    const asks = log?.asks ?? [];
    const ask = asks.find((each) => each.request === request);
    if (!ask)
      return refuse("not_found", "There is no such request in the log (any more). Ask them to ask again.");
    const isPossible =
      answer === "revoked"
        ? ask.state === "given" || ask.state === "revoked"
        : ask.state === "asked" || (ask.by === actor && ask.state === answer);
    if (!isPossible)
      return refuse(
        "conflict",
        ask.state === "asked"
          ? "Nothing was given that could be taken back."
          : `It was answered already: ${ask.state}.`,
      );
    const answered: LoggedAsk = {
      ...ask,
      state: answer,
      by: ask.by ?? actor,
      answered_at: ask.answered_at ?? (at as Instant),
      ...(until === undefined ? {} : { until }),
      ...(sessions === undefined ? {} : { sessions }),
      ...(automatic === undefined ? {} : { automatic }),
    };
    const content = { ...log, v: 1, asks: asks.map((each) => (each === ask ? answered : each)) };
    return done([{ do: "org state", type: Access.type, key: memberStateKey(user), content }]);
  },
  render: (_data, { user, answer }) => `The log has it: ${answer}, for ${user}.`,
};
