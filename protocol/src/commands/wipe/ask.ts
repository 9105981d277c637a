import { z } from "zod";
import { defineCommand } from "../../define/command.ts";
import { DeviceId, UserId } from "../../ids.ts";
import { WipeMode } from "../../wipe/record.ts";

/** What an admin asks for in the admin room, where nobody can sign: an admin's client asks them to confirm it. */
export const WipeAsk = defineCommand({
  name: "wipe",
  args: z.object({ user: UserId, device: DeviceId.optional(), mode: WipeMode.default("keys") }),
  permission: null,
  rooms: ["admin"],
  givenBy: "text",
  audit: { sentence: ({ user }) => `asked for the keys of ${user} to be destroyed` },
  text: {
    words: [
      { arg: "user", shown: "@person", as: "person" },
      { arg: "device", shown: "device-id", as: "text", optional: true },
    ],
    pairs: { mode: { arg: "mode", shown: "sign_out", as: "text" } },
  },
  help: "asks for the keys on a person's devices to be destroyed; an admin then confirms it in the app",
  words: { label: "Ask for keys to be destroyed" },
  example: { user: "@example:hearth.localhost" },
});
