import { z } from "zod";
import { defineCommand } from "../../define/command.ts";
import { InviteId } from "../../ids.ts";

export const InviteRevoke = defineCommand({
  name: "invite revoke",
  args: z.object({ invite: InviteId }),
  permission: "invite_to_org",
  rooms: ["org", "admin"],
  givenBy: "screen",
  audit: { sentence: ({ invite }) => `withdrew the invite ${invite}` },
  text: { words: [{ arg: "invite", shown: "invite-id", as: "text" }], pairs: {} },
  help: "makes an invite worthless",
  words: { label: "Withdraw an invite" },
  problems: { invite: "There is no such invite." },
  example: { invite: "AAAAAAAAAAAAAAAAAAAAAA" },
});
