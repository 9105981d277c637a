import { describe, expect, it } from "vitest";
import { COMMANDS } from "../catalogue.ts";
import { parseCommandText } from "../commands/text.ts";
import { Policy, PolicyContent } from "./policy.ts";

const NEW_FIELDS = ["lock_idle", "lock_wipe_after", "online_unlock", "device_storage"] as const;

describe("what a policy says of devices", () => {
  it("one that was written before it could say so asks for nothing of them", () => {
    const before = Object.fromEntries(
      Object.entries(Policy.example).filter(([key]) => !(NEW_FIELDS as readonly string[]).includes(key)),
    );
    const { lock_idle, lock_wipe_after, online_unlock, device_storage } = PolicyContent.parse(before);
    expect([lock_idle, lock_wipe_after, online_unlock, device_storage]).toEqual(["off", "off", "off", "any"]);
  });

  it("refuses what would hit somebody who is only tired, and what means nothing", () => {
    const with_ = (field: string, value: unknown) =>
      PolicyContent.safeParse({ ...Policy.example, [field]: value }).success;
    for (const good of ["off", "5", "10", "99", "100"]) expect(with_("lock_wipe_after", good)).toBe(true);
    for (const bad of ["0", "4", "101", "05", "ten", "", 5])
      expect(with_("lock_wipe_after", bad)).toBe(false);
    for (const good of ["off", "PT30S", "PT15M"]) expect(with_("lock_idle", good)).toBe(true);
    for (const bad of ["never", "PT0S", "P1M", 15]) expect(with_("lock_idle", bad)).toBe(false);
    expect([with_("online_unlock", "on"), with_("online_unlock", "yes")]).toEqual([true, false]);
    expect([with_("device_storage", "own"), with_("device_storage", "none")]).toEqual([true, false]);
  });

  it("is set by what an admin types", () => {
    const text =
      "!hearth policy set lock_idle=15m lock_wipe_after=10 online_unlock=on device_storage=own lease=72h";
    const read = parseCommandText(text, { serverName: "hearth.localhost" });
    if (!read?.ok) throw new Error("it was not read");
    expect(COMMANDS["policy set"].args.parse(read.args)).toEqual({
      lock_idle: "PT15M",
      lock_wipe_after: "10",
      online_unlock: "on",
      device_storage: "own",
      lease: "PT72H",
    });
    const off = parseCommandText("!hearth policy set lock_idle=off lock_wipe_after=off", {
      serverName: "hearth.localhost",
    });
    expect(off?.ok && COMMANDS["policy set"].args.parse(off.args)).toEqual({
      lock_idle: "off",
      lock_wipe_after: "off",
    });
    const bad = parseCommandText("!hearth policy set lease=off", { serverName: "hearth.localhost" });
    expect(bad?.ok && COMMANDS["policy set"].args.safeParse(bad.args).success).toBe(false);
  });
});
