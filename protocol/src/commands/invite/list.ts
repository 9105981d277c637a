import { z } from "zod";
import { defineCommand } from "../../define/command.ts";

/** Result data: { invites: [{ invite, roles, note?, status, created_by, created_at, expires_at }] } */
export const InviteList = defineCommand({
  name: "invite list",
  args: z.object({}),
  permission: "invite_to_org",
  rooms: ["org", "admin"],
  givenBy: "text",
  audit: null,
  text: { words: [], pairs: {} },
  help: "lists the invites and what became of them",
  words: { label: "Invites" },
  example: {},
});
