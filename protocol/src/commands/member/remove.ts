import { z } from "zod";
import { defineCommand } from "../../define/command.ts";
import { UserId } from "../../ids.ts";

export const MemberRemove = defineCommand({
  name: "member remove",
  args: z.object({ user: UserId }),
  permission: "remove_from_org",
  rooms: ["org", "admin"],
  givenBy: "deed",
  audit: { sentence: ({ user }) => `removed ${user} from the organisation` },
  text: { words: [{ arg: "user", shown: "@person", as: "person" }], pairs: {} },
  help: "removes a person from the organisation and all its rooms",
  words: { label: "Remove somebody" },
  example: { user: "@example:hearth.localhost" },
});
