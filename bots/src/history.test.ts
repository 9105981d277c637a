import { CommandId } from "@hearth/protocol";
import { describe, expect, it } from "vitest";
import { createHistory } from "./history.ts";
import { admin, BOT, event, NOW, responder } from "./testing/org.ts";

const id = CommandId.parse("A".repeat(22));
const asked = event(admin, "org.hearth.command", { v: 1, id, name: "help", args: {} });
const result = { v: 1, command_id: id, ok: true };
const relation = { "m.relates_to": { rel_type: "m.reference", event_id: asked.event_id } };
const answered = event(BOT, "org.hearth.result", { ...result, ...relation });

describe("history", () => {
  it.each([
    ["before", [answered, asked]],
    ["after", [asked, answered]],
  ])("knows an answer that it sees %s the question", (_when, events) => {
    const history = createHistory(BOT);
    history.learn(events);
    expect(history.isAnswered(asked.event_id)).toBe(true);
    expect(history.earlierAnswer(admin, id)).toMatchObject(result);
  });

  it("does not take one person's command for another's", () => {
    const history = createHistory(BOT);
    history.learn([asked, answered]);
    expect(history.earlierAnswer(responder, id)).toBeUndefined();
  });

  it("believes nobody but the bot", () => {
    const history = createHistory(BOT);
    history.learn([
      asked,
      event(responder, "org.hearth.result", { ...result, ...relation }),
      event(responder, "org.hearth.audit", {
        v: 1,
        command_id: id,
        actor: admin,
        name: "help",
        args: {},
        at: NOW,
      }),
    ]);
    expect(history.isAnswered(asked.event_id)).toBe(false);
    expect(history.isBegun(admin, id)).toBe(false);
  });

  it("knows by the audit what was begun", () => {
    const history = createHistory(BOT);
    history.learn([
      event(BOT, "org.hearth.audit", { v: 1, command_id: id, actor: admin, name: "x", args: {}, at: NOW }),
    ]);
    expect(history.isBegun(admin, id)).toBe(true);
    expect(history.isBegun(responder, id)).toBe(false);
  });

  it("takes a notice for the answer to a typed command", () => {
    const history = createHistory(BOT);
    const typed = event(admin, "m.room.message", { msgtype: "m.text", body: "!hearth help" });
    history.learn([
      event(BOT, "m.room.message", {
        msgtype: "m.notice",
        body: "…",
        "m.relates_to": { event_id: typed.event_id },
      }),
    ]);
    expect(history.isAnswered(typed.event_id)).toBe(true);
  });
});
