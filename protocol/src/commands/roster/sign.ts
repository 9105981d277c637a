import { z } from "zod";
import { defineCommand } from "../../define/command.ts";
import { RosterEvent, RosterStatement } from "../../roster/statement.ts";

/** The next statement of the roster, signed by an admin's client: the bot keeps it, and has no say in it. */
export const RosterSign = defineCommand({
  name: "roster sign",
  args: z.object({ statement: RosterStatement }),
  permission: null,
  rooms: ["org", "admin"],
  givenBy: "deed",
  audit: {
    keeps: ({ statement: { body } }) => ({
      index: body.index,
      kind: body.kind,
      ...("user" in body ? { user: body.user } : {}),
    }),
    sentence: ({ index, kind }) => `signed statement ${index} of the roster (${kind})`,
  },
  text: null,
  help: null,
  words: { label: "Sign the roster" },
  example: { statement: RosterEvent.example },
});
