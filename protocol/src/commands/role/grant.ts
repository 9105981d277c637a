import { z } from "zod";
import { defineCommand } from "../../define/command.ts";
import { RoleId, UserId } from "../../ids.ts";

export const RoleGrant = defineCommand({
  name: "role grant",
  args: z.object({ user: UserId, role: RoleId }),
  permission: "assign_roles",
  rooms: ["org", "admin"],
  givenBy: "deed",
  audit: { sentence: ({ user, role }) => `gave ${user} the role ${role}` },
  text: {
    words: [
      { arg: "user", shown: "@person", as: "person" },
      { arg: "role", shown: "role", as: "name" },
    ],
    pairs: {},
  },
  help: "gives a person a role",
  words: { label: "Give a role" },
  example: { user: "@example:hearth.localhost", role: "dispatcher" },
});
