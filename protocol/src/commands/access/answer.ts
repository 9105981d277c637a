import { z } from "zod";
import { defineCommand } from "../../define/command.ts";
import { AccessRequestId } from "../../grant/ask.ts";
import { Instant, UserId } from "../../ids.ts";

/** Logs the answer before anything is given. Of two admins at once, one gets a conflict. */
export const AccessAnswer = defineCommand({
  name: "access answer",
  args: z.object({
    user: UserId,
    request: AccessRequestId,
    answer: z.enum(["given", "declined", "revoked"]),
    until: Instant.optional(),
    sessions: z.int().min(0).optional(),
    automatic: z.literal(true).optional(),
  }),
  permission: null,
  rooms: ["org", "admin"],
  givenBy: "deed",
  audit: { sentence: ({ user, answer }) => `answered an ask of ${user} for access: ${answer}` },
  text: null,
  help: null,
  words: { label: "Answer an ask for access" },
  example: { user: "@example:hearth.localhost", request: "AAAAAAAAAAAAAAAAAAAAAA", answer: "declined" },
});
