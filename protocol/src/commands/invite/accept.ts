import { z } from "zod";
import { defineCommand } from "../../define/command.ts";
import { InviteId } from "../../ids.ts";
import { NewcomerKeys } from "../../org/invite.ts";

/** `secret` is what the link's one shows of itself ([V3]). Result data: { org_room } */
export const InviteAccept = defineCommand({
  name: "invite accept",
  args: z.object({
    invite: InviteId,
    secret: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
    keys: NewcomerKeys.optional(),
  }),
  permission: null,
  rooms: ["onboarding"],
  givenBy: "deed",
  audit: { keeps: ({ invite }) => ({ invite }), sentence: ({ invite }) => `joined by the invite ${invite}` },
  text: null,
  help: null,
  words: { label: "Accept an invite" },
  example: { invite: "AAAAAAAAAAAAAAAAAAAAAA", secret: "A".repeat(43) },
});
