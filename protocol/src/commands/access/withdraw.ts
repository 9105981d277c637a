import { z } from "zod";
import { defineWrite } from "../../define/command.ts";
import { AccessRequestId } from "../../grant/ask.ts";
import { Access } from "../../grant/log.ts";
import { memberStateKey } from "../../ids.ts";

/** The asker takes an ask back that nobody has answered. */
export const AccessWithdraw = defineWrite({
  name: "access withdraw",
  args: z.object({ request: AccessRequestId }),
  permission: null,
  rooms: ["org"],
  givenBy: "deed",
  audit: { sentence: () => "took back an ask for access" },
  text: null,
  help: null,
  words: { label: "Take back an ask for access" },
  example: { request: "AAAAAAAAAAAAAAAAAAAAAA" },
  writes: {
    state: Access,
    key: (_args, { actor }) => memberStateKey(actor),
    content({ request }, { before }) {
      const asks = before?.asks ?? [];
      const ask = asks.find((each) => each.request === request);
      if (!ask) return { refused: "not_found", message: "There is no such request in the log (any more)." };
      if (ask.state === "withdrawn") return "as it is";
      if (ask.state !== "asked")
        return { refused: "conflict", message: `It was answered already: ${ask.state}.` };
      return {
        v: 1 as const,
        asks: asks.map((each) => (each === ask ? { ...ask, state: "withdrawn" as const } : each)),
      };
    },
    answer: () => "The request is taken back.",
  },
});
