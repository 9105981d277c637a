import { EventId, keyBlock, RoomId, UserId, type KeyTimes } from "@hearth/protocol";
import { expect, test } from "vitest";
import type { RoomKeyRef } from "../../session/api.ts";
import type { RawEvent } from "../../rooms/rawEvent.ts";
import { beginOfKeys } from "./reach.ts";

const DAY = 86_400_000;
const day = (number: number) => Date.UTC(2026, 9, number);
const ROOM = RoomId.parse("!room");
const WEEKS: KeyTimes = { block: 7 * DAY, window: 14 * DAY };

const message = (at: number, sessionId: string): RawEvent => ({
  event_id: EventId.parse(`$${at}`),
  type: "m.room.encrypted",
  sender: UserId.parse("@sam:example.test"),
  origin_server_ts: at,
  content: { session_id: sessionId },
});
const room = (...events: RawEvent[]) => ({ roomId: ROOM, log: { events } });
const knows = (ages: Record<string, number>) => (key: RoomKeyRef) => ages[key.sessionId] ?? Infinity;

const block = keyBlock(day(18), WEEKS);
const span = { from: day(18), to: day(19) };

test("[Q4] a day of a week that one key served is asked for from where that key begins", () => {
  expect(block).toBeLessThan(span.from);
  const rooms = [room(message(day(18) + 1, "week"))];
  expect(beginOfKeys(span, rooms, knows({ week: block }))).toBe(block);
});

test("[Q4] keys of messages outside of the span, of redacted ones and of a day's own block change nothing", () => {
  const rooms = [
    room(
      message(span.from - 1, "before"),
      { ...message(span.from + 1, "redacted"), redacted: true },
      message(span.from + 2, "day"),
      message(span.from + 3, "unknown"),
      message(span.to + 1, "after"),
    ),
  ];
  const ages = { before: block, redacted: block, day: span.from, after: block };
  expect(beginOfKeys(span, rooms, knows(ages))).toBe(span.from);
});

test("[Q4] a host that stamps an old message anew does not have last year's asked for", () => {
  const rooms = [room(message(span.from + 1, "old"), message(span.from + 2, "week"))];
  expect(beginOfKeys(span, rooms, knows({ old: span.from - 365 * DAY, week: block }))).toBe(block);
});
