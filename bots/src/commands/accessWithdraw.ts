import { Access, memberStateKey } from "@hearth/protocol";
import { done, refuse } from "./implementation.ts";
import type { CommandImplementation } from "./implementation.ts";

export const accessWithdraw: CommandImplementation<"access withdraw"> = {
  changes: true,
  plan({ org, actor }, { request }) {
    const asks = org.access.get(memberStateKey(actor))?.asks ?? [];
    const ask = asks.find((each) => each.request === request);
    if (!ask) return refuse("not_found", "There is no such request in the log (any more).");
    if (ask.state === "withdrawn") return done([]);
    if (ask.state !== "asked") return refuse("conflict", `It was answered already: ${ask.state}.`);
    const content = {
      v: 1,
      asks: asks.map((each) => (each === ask ? { ...ask, state: "withdrawn" } : each)),
    };
    return done([{ do: "org state", type: Access.type, key: memberStateKey(actor), content }]);
  },
  render: () => "The request is taken back.",
};
