import { z } from "zod";
import { defineCommand } from "../../define/command.ts";
import { UserId } from "../../ids.ts";

/** Nobody wants any more what was asked for in the admin room. */
export const WipeDismiss = defineCommand({
  name: "wipe dismiss",
  args: z.object({ user: UserId }),
  permission: null,
  rooms: ["org", "admin"],
  givenBy: "screen",
  audit: { sentence: ({ user }) => `put away the wish to destroy the keys of ${user}` },
  text: null,
  help: null,
  words: { label: "Put away a wish to destroy keys" },
  problems: { user: "There is no such person." },
  example: { user: "@example:hearth.localhost" },
});
