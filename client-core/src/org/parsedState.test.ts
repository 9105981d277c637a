import { EventId, UserId } from "@hearth/protocol";
import { expect, test } from "vitest";
import { z } from "zod";
import type { RawEvent } from "../rooms/rawEvent.ts";
import { RoomState } from "../rooms/roomState.ts";
import { ParsedState } from "./parsedState.ts";

const BOT = UserId.parse("@hearth-bot:hearth.localhost");
const OTHER = UserId.parse("@example:hearth.localhost");
let count = 0;
const event = (
  type: string,
  state_key: string,
  content: Record<string, unknown>,
  sender = BOT,
): RawEvent => ({
  event_id: EventId.parse(`$e${++count}`),
  type,
  sender,
  origin_server_ts: count,
  content,
  state_key,
});

test("state is parsed when its own key changed, and nothing else of its type or room is", () => {
  const parsed: unknown[] = [];
  const schema = z.object({ n: z.number() }).transform((content) => {
    parsed.push(content.n);
    return content;
  });
  const state = new ParsedState({ type: "t", schema }, () => true);
  const first = RoomState.of([event("t", "a", { n: 1 }), event("t", "b", { n: 2 }), event("u", "", {})]);
  const before = state.of(first, BOT);
  expect(parsed.splice(0)).toEqual([1, 2]);
  expect(state.of(first.with([event("u", "", {})]), BOT)).toBe(before);
  const after = state.of(first.with([event("t", "b", { n: 3 })]), BOT);
  expect(parsed).toEqual([3]);
  expect([...after]).toEqual([
    ["a", { n: 1 }],
    ["b", { n: 3 }],
  ]);
  expect(after.get("a")).toBe(before.get("a"));
});

test("[P9] what does not parse, or the wrong person wrote, is left out, also when the bot is another one", () => {
  const state = new ParsedState(
    { type: "t", schema: z.object({ n: z.number() }) },
    (of, bot) => of.sender === bot,
  );
  const room = RoomState.of([
    event("t", "a", { n: 1 }),
    event("t", "b", { n: "x" }),
    event("t", "c", { n: 3 }, OTHER),
  ]);
  expect([...state.of(room, BOT).keys()]).toEqual(["a"]);
  expect([...state.of(room, OTHER).keys()]).toEqual(["c"]);
});

test("[T5] what a newer version wrote is left out by name, and what an older one wrote is read as the newest", () => {
  const definition = {
    type: "t",
    schema: z.object({ v: z.literal(2), names: z.array(z.string()) }),
    upcasts: [{ from: 1, example: {}, up: ({ name }: { name?: unknown }) => ({ v: 2, names: [name] }) }],
  };
  const state = new ParsedState(definition, (of, bot) => of.sender === bot);
  const room = RoomState.of([
    event("t", "a", { v: 1, name: "x" }),
    event("t", "b", { v: 3, anything: true }),
    event("t", "c", { v: 2, names: "x" }),
    event("t", "d", { v: 99 }, OTHER),
  ]);
  expect([...state.of(room, BOT)]).toEqual([["a", { v: 2, names: ["x"] }]]);
  expect([...state.newerIn(room, BOT)]).toEqual(["b"]);
});

test("a state says which of its events are not as they were", () => {
  const [a, b, c] = [event("t", "a", {}), event("t", "b", {}), event("t", "b", { again: true })];
  const first = RoomState.of([a, b]);
  expect(first.changedSince(new RoomState())).toEqual([a, b]);
  expect(first.with([c]).changedSince(first)).toEqual([c]);
  expect(first.with([b]).changedSince(first)).toEqual([]);
});
