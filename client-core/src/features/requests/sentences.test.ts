import { EventId, UserId, waitingTitle } from "@hearth/protocol";
import { describe, expect, test } from "vitest";
import type { RawEvent } from "../../rooms/rawEvent.ts";
import { membershipSentence, rowProblem, sentenceOf } from "./sentences.ts";

const ANN = UserId.parse("@ann:hearth.localhost");
const BOT = UserId.parse("@hearth-bot:hearth.localhost");

const membership = (sender: UserId, target: UserId, value: string): RawEvent => ({
  event_id: EventId.parse("$m"),
  type: "m.room.member",
  sender,
  origin_server_ts: 1,
  content: { membership: value },
  state_key: target,
});
const name = (id: string) => (id === ANN ? "Example Ann" : "Example Bob");
const BOB = UserId.parse("@bob:hearth.localhost");

describe("what people read in a timeline", () => {
  test.each([
    [{ kind: "opened" } as const, "Ann opened the request"],
    [
      { kind: "edited", fields: ["location", "priority", "tags"] } as const,
      "Ann changed the location, priority and tags",
    ],
    [{ kind: "status", status: "on_the_way" } as const, "Ann set the status to On the way"],
    [{ kind: "status", status: null } as const, "Ann reset the status"],
    [{ kind: "closed", outcome: "Taken home" } as const, "Ann closed the request: Taken home"],
    [{ kind: "reopened" } as const, "Ann reopened the request"],
  ])("%o", (what, sentence) => {
    expect(sentenceOf("Ann", what)).toBe(sentence);
  });

  test.each([
    [membership(BOB, ANN, "invite"), { text: "Example Bob invited Example Ann", change: "invite" }],
    [membership(ANN, ANN, "join"), { text: "Example Ann joined", change: "join" }],
    [membership(ANN, ANN, "leave"), { text: "Example Ann left", change: "leave" }],
    [membership(BOB, ANN, "leave"), { text: "Example Ann was removed by Example Bob", change: "leave" }],
    [membership(BOT, BOT, "join"), undefined],
  ])("comings and goings", (event, sentence) => {
    expect(membershipSentence(event, name, BOT)).toEqual(sentence);
  });

  test("a row that can't be relied upon says why, and a good one nothing", () => {
    const fine = { folded: {}, incomplete: false, unreadable: 0, closed: false };
    expect(rowProblem(fine)).toBeUndefined();
    expect(rowProblem({ ...fine, incomplete: true })).toMatch(/missing/);
    expect(rowProblem({ ...fine, folded: undefined, unreadable: 2 })).toMatch(/^Waiting for a colleague/);
    expect(rowProblem({ ...fine, folded: undefined, closed: true })).toMatch(/^Closed before/);
  });

  test("what waits in the outbox has a short name", () => {
    expect(waitingTitle({ type: "org.hearth.request.status", payload: { status: "on_site" } })).toBe(
      "Status: On site",
    );
    expect(waitingTitle({ type: "org.hearth.request.reopened", payload: {} })).toBe("Reopening of a request");
  });
});
