import { z } from "zod";
import { defineCommand } from "../../define/command.ts";
import { WipeTarget } from "../../wipe/record.ts";

/** The device has answered that its keys are gone. */
export const WipeDone = defineCommand({
  name: "wipe done",
  args: z.object({ target: WipeTarget }),
  permission: null,
  rooms: ["org", "admin"],
  givenBy: "deed",
  audit: { sentence: () => "heard that the keys of a device are destroyed" },
  text: null,
  help: null,
  words: { label: "Keys are destroyed" },
  example: { target: "A".repeat(43) },
});
