import { InviteLink, parseInviteLink, shownSecret } from "@hearth/protocol";
import { describe, expect, it } from "vitest";
import { secretHash } from "./secrets.ts";
import { admin, BOT, event, ORG } from "./testing/org.ts";
import { readTextCommand } from "./textCommand.ts";

const options = { asToken: "token", webUrl: "https://hearth.example.test", botUserId: BOT, orgId: ORG };
const say = (body: string, msgtype = "m.text") => event(admin, "m.room.message", { msgtype, body });

describe("readTextCommand", () => {
  it("reads a command, completing names by the bot's server", () => {
    expect(readTextCommand(say("!hearth role grant @sam dispatcher"), options)).toMatchObject({
      name: "role grant",
      args: { user: "@sam:example.test", role: "dispatcher" },
    });
  });

  it("leaves alone what is no command, and its own notices", () => {
    expect(readTextCommand(say("hello"), options)).toBeUndefined();
    expect(readTextCommand(say("!hearth help", "m.notice"), options)).toBeUndefined();
  });

  it("says what is wrong with one that can't be read", () => {
    expect(readTextCommand(say("!hearth fly"), options)).toMatchObject({ problem: expect.any(String) });
  });

  it("makes an invite's secret, the same each time for the same message, and prints the link", () => {
    const message = say("!hearth invite create responder");
    const first = readTextCommand(message, options);
    const again = readTextCommand(message, options);
    if (!first || !again || "problem" in first || "problem" in again) throw new Error("not read");
    expect(again.args).toEqual(first.args);
    const words = first.text.addition?.({ token: "t".repeat(43), roster: "r".repeat(43) }) ?? "";
    const link = parseInviteLink(words.split("\n")[0] ?? "");
    expect(InviteLink.safeParse(link).success).toBe(true);
    expect(first.args).toMatchObject({
      invite: link?.invite,
      secret_hash: secretHash(shownSecret(link?.secret ?? "")),
      roles: ["responder"],
    });
    expect(words).toContain("server has now seen");
  });
});
