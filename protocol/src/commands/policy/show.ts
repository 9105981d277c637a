import { z } from "zod";
import { defineCommand } from "../../define/command.ts";

/** Result data: the policy's content. */
export const PolicyShow = defineCommand({
  name: "policy show",
  args: z.object({}),
  permission: null,
  rooms: ["org", "admin"],
  givenBy: "text",
  audit: null,
  text: { words: [], pairs: {} },
  help: "shows what the organisation has decided",
  words: { label: "The policy" },
  example: {},
});
