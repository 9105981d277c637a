import { z } from "zod";
import { defineCommand } from "../../define/command.ts";
import { DeviceId, UserId } from "../../ids.ts";
import { Wipe } from "../../wipe/events.ts";
import { DeviceKey, WipeRecord } from "../../wipe/record.ts";

/** A wipe record, signed by an admin's client: the bot publishes it, and ends the device when it was given its time. */
export const WipeSign = defineCommand({
  name: "wipe sign",
  args: z.object({ user: UserId, device: DeviceId, device_key: DeviceKey, record: WipeRecord }),
  permission: null,
  rooms: ["org", "admin"],
  givenBy: "deed",
  audit: {
    keeps: ({ user, device, record: { body } }) => ({ user, device, mode: body.mode, target: body.target }),
    sentence: ({ user, device }) => `ordered the keys on the device ${device} of ${user} to be destroyed`,
  },
  text: null,
  help: null,
  words: { label: "Sign that keys be destroyed" },
  example: {
    user: "@example:hearth.localhost",
    device: "ABCDEFGHIJ",
    device_key: "A".repeat(43),
    record: Wipe.example.record,
  },
});
