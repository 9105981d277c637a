import {
  Access,
  memberStateKey,
  MOST_LOGGED_ASKS,
  MOST_WAITING_ASKS,
  type AccessContent,
  type Instant,
  type LoggedAsk,
} from "@hearth/protocol";
import { done, refuse } from "./implementation.ts";
import type { CommandImplementation } from "./implementation.ts";

/** Writes down that somebody asks for access to older messages. The bot gives none: it has no keys. [P2] [P6] */
export const accessAsk: CommandImplementation<"access ask"> = {
  plan({ org, actor, at }, ask) {
    const log = org.access.get(memberStateKey(actor));
    const known = log?.asks ?? [];
    if (known.some(({ request }) => request === ask.request)) return done([]);
    if (ask.to < ask.from) return refuse("bad_arguments", "The span must not end before it begins.");
    if (known.filter(({ state }) => state === "asked").length >= MOST_WAITING_ASKS)
      return refuse(
        "conflict",
        `You have asked ${MOST_WAITING_ASKS} times and nobody has answered yet. Wait for an answer, or speak with an admin.`,
      );
    const logged: LoggedAsk = { ...ask, at: at as Instant, state: "asked" };
    const content: AccessContent = { ...log, v: 1, asks: withinBound([...known, logged]) };
    return done([{ do: "org state", type: Access.type, key: memberStateKey(actor), content }]);
  },
  render: (_data, { request }) => `The request ${request} is in the log.`,
};

/** The oldest that were answered go first; the audit entries in the org room have them still. */
function withinBound(asks: readonly LoggedAsk[]): LoggedAsk[] {
  const kept = [...asks];
  while (kept.length > MOST_LOGGED_ASKS) {
    const answered = kept.findIndex(({ state }) => state !== "asked");
    kept.splice(Math.max(0, answered), 1);
  }
  return kept;
}
