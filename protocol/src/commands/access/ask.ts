import { z } from "zod";
import { defineCommand } from "../../define/command.ts";
import { ASK_EXAMPLE, AskShape, MOST_ASKED_ROOMS } from "../../grant/ask.ts";

/** Logs that somebody asks to read older messages; what they add in words goes to admins' devices. [P6] */
export const AccessAsk = defineCommand({
  name: "access ask",
  args: z.object({ ...AskShape, rooms: z.int().min(1).max(MOST_ASKED_ROOMS).optional() }),
  permission: null,
  rooms: ["org"],
  givenBy: "deed",
  audit: { sentence: ({ kind }) => `asked for access to older messages (${kind})` },
  text: null,
  help: null,
  words: { label: "Ask for access" },
  example: {
    request: ASK_EXAMPLE.request,
    device: ASK_EXAMPLE.device,
    kind: "window",
    code: "new_device",
    from: ASK_EXAMPLE.from,
    to: ASK_EXAMPLE.to,
  },
});
