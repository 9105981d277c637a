import { z } from "zod";
import { defineCommand } from "../../define/command.ts";
import { RoleId, UserId } from "../../ids.ts";

export const RoleRevoke = defineCommand({
  name: "role revoke",
  args: z.object({ user: UserId, role: RoleId }),
  permission: "assign_roles",
  rooms: ["org", "admin"],
  givenBy: "deed",
  audit: { sentence: ({ user, role }) => `took the role ${role} from ${user}` },
  text: {
    words: [
      { arg: "user", shown: "@person", as: "person" },
      { arg: "role", shown: "role", as: "name" },
    ],
    pairs: {},
  },
  help: "takes a role from a person",
  words: { label: "Take a role" },
  example: { user: "@example:hearth.localhost", role: "dispatcher" },
});
