import { z } from "zod";
import { defineCommand } from "../define/command.ts";

/** Lists what can be typed. Result data: { commands: [{ name, usage, about }] } */
export const Help = defineCommand({
  name: "help",
  args: z.object({ command: z.string().max(60).optional() }),
  permission: null,
  rooms: ["org", "admin"],
  givenBy: "text",
  audit: null,
  text: { words: [{ arg: "command", shown: "command", as: "rest", optional: true }], pairs: {} },
  help: "lists the commands, or explains one",
  words: { label: "Help" },
  example: {},
});
