import { describe, expect, it } from "vitest";
import { readSettings } from "./settings.ts";

const good = {
  HEARTH_HOMESERVER_URL: "http://127.0.0.1:8008/",
  HEARTH_SERVER_NAME: "hearth.localhost",
  HEARTH_AS_TOKEN: "a".repeat(43),
  HEARTH_HS_TOKEN: "b".repeat(43),
  HEARTH_AS_PORT: "9000",
  HEARTH_ORG_ID: "team-1",
  HEARTH_ORG_NAME: "Team",
  HEARTH_WEB_URL: "https://hearth.example.test",
};

describe("readSettings", () => {
  it("reads what the launcher gives", () => {
    expect(readSettings(good)).toEqual({
      ok: true,
      settings: expect.objectContaining({
        homeserverUrl: "http://127.0.0.1:8008",
        botUserId: "@hearth-bot:hearth.localhost",
        port: 9000,
        shortTimes: false,
      }),
    });
  });

  it("takes times that are too short for real use only where it is told to", () => {
    const shortTimes = (value: string | undefined) => {
      const read = readSettings({ ...good, HEARTH_SHORT_TIMES: value });
      return read.ok && read.settings.shortTimes;
    };
    expect([undefined, "", "0", "1"].map(shortTimes)).toEqual([false, false, false, true]);
  });

  it.each([
    ["HEARTH_HOMESERVER_URL", "localhost"],
    ["HEARTH_SERVER_NAME", "no name"],
    ["HEARTH_AS_TOKEN", "short"],
    ["HEARTH_HS_TOKEN", undefined],
    ["HEARTH_AS_PORT", "0"],
    ["HEARTH_ORG_ID", "Team"],
    ["HEARTH_ORG_NAME", "  "],
    ["HEARTH_WEB_URL", "ftp://x"],
    ["HEARTH_SHORT_TIMES", "yes"],
  ])("says in one sentence what is wrong with %s, and does not repeat its value", (name, value) => {
    const read = readSettings({ ...good, [name]: value });
    if (read.ok) throw new Error("should have been refused");
    expect(read.problems).toHaveLength(1);
    expect(read.problems[0]).toMatch(new RegExp(`^${name} is .*: it must .*\\.$`));
    if (value) expect(read.problems[0]).not.toContain(`"${value}"`);
  });
});
