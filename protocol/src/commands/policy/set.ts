import { z } from "zod";
import { defineCommand } from "../../define/command.ts";
import { POLICY_ARGS, POLICY_PAIRS, POLICY_PROBLEMS } from "../../policy/table.ts";

export const PolicySet = defineCommand({
  name: "policy set",
  args: z.object(POLICY_ARGS),
  permission: "edit_org_settings",
  rooms: ["org", "admin"],
  givenBy: "screen",
  audit: { sentence: (args) => `changed ${Object.keys(args).join(", ")}` },
  text: { words: [], pairs: POLICY_PAIRS },
  help: "changes it",
  words: { label: "Change the policy" },
  problems: POLICY_PROBLEMS,
  example: { retention: "P60D" },
});
