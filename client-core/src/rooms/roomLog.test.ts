import { EventId, UserId } from "@hearth/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RawEvent } from "./rawEvent.ts";
import {
  applyRedactions,
  EMPTY_LOG,
  mergeChunk,
  mergePage,
  prependPage,
  trimLog,
  type Page,
  type RoomLog,
} from "./roomLog.ts";

const event = (n: number, extra: Partial<RawEvent> = {}): RawEvent => ({
  event_id: EventId.parse(`$e${n}`),
  type: n === 0 ? "m.room.create" : "m.room.encrypted",
  sender: UserId.parse("@example:hearth.localhost"),
  // Timestamps say nothing about the order.
  origin_server_ts: (n * 7919) % 1000,
  content: {},
  ...extra,
});

/** A homeserver's room: its pages end at the room's first event. */
class FakeRoom {
  readonly events: RawEvent[] = [event(0)];
  pagesAsked = 0;

  add(count: number): void {
    for (let i = 0; i < count; i += 1) this.events.push(event(this.events.length));
  }

  /** As sliding sync gives it: the newest `limit` of what came after `since`. */
  chunk(since: number, limit: number) {
    const from = Math.max(since, this.events.length - limit);
    return {
      events: this.events.slice(from),
      mayHaveGap: from > since || since === 0,
      prevBatch: String(from),
    };
  }

  page(token: string, size: number): Page {
    this.pagesAsked += 1;
    const to = Number(token);
    const from = Math.max(0, to - size);
    return { events: this.events.slice(from, to).toReversed(), end: from > 0 ? String(from) : undefined };
  }
}

function take(log: RoomLog, room: FakeRoom, since: number, limit: number, pageSize: number): RoomLog {
  let merge = mergeChunk(log, room.chunk(since, limit));
  while (merge.kind === "gap") merge = mergePage(log, merge.held, room.page(merge.token, pageSize));
  return merge.log;
}

const ids = (events: readonly RawEvent[]) => events.map((one) => one.event_id);

describe("a room's log", () => {
  test("whatever the sync windows and page sizes, it is an unbroken stretch in the homeserver's order", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({ added: fc.nat(60), limit: fc.integer({ min: 1, max: 30 }), again: fc.boolean() }),
          {
            minLength: 1,
            maxLength: 12,
          },
        ),
        fc.integer({ min: 1, max: 25 }),
        (steps, pageSize) => {
          const room = new FakeRoom();
          let log = EMPTY_LOG;
          let since = 0;
          for (const { added, limit, again } of steps) {
            room.add(added);
            // A connection that the server forgot begins anew, and repeats what is known.
            log = take(log, room, again ? 0 : since, limit, pageSize);
            since = room.events.length;
          }
          expect(ids(log.events)).toEqual(ids(room.events.slice(room.events.length - log.events.length)));
        },
      ),
    );
  });

  test("scrolling back to the beginning gives the whole room", () => {
    fc.assert(
      fc.property(
        fc.nat(120),
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 25 }),
        (added, limit, size) => {
          const room = new FakeRoom();
          room.add(added);
          let log = take(EMPTY_LOG, room, 0, limit, size);
          while (log.start.kind === "token") log = prependPage(log, room.page(log.start.token, size));
          expect(log.start.kind).toBe("beginning");
          expect(ids(log.events)).toEqual(ids(room.events));
        },
      ),
    );
  });

  test("a gap stops everything until older pages reach what is known", () => {
    const room = new FakeRoom();
    room.add(2);
    const known = take(EMPTY_LOG, room, 0, 20, 5);
    room.add(30);
    const merge = mergeChunk(known, room.chunk(3, 5));
    expect(merge).toMatchObject({ kind: "gap", token: "28" });
    expect(room.pagesAsked).toBe(0);
    expect(ids(take(known, room, 3, 5, 5).events)).toEqual(ids(room.events));
    expect(room.pagesAsked).toBeGreaterThan(4);
  });

  test("without a gap nothing is asked for, though nothing overlaps", () => {
    const log = mergeChunk(EMPTY_LOG, { events: [event(0), event(1)], mayHaveGap: true, prevBatch: "0" });
    if (log.kind !== "joined") throw new Error("the first chunk is taken as it is");
    const next = mergeChunk(log.log, { events: [event(2)], mayHaveGap: false, prevBatch: "2" });
    expect(next).toMatchObject({ kind: "joined", added: [event(2)] });
  });

  test("when the homeserver has purged what was known, what it still has follows on", () => {
    const known: RoomLog = { events: [event(1), event(2)], start: { kind: "trimmed" } };
    const merge = mergeChunk(known, { events: [event(9)], mayHaveGap: true, prevBatch: "9" });
    if (merge.kind !== "gap") throw new Error("there is a gap");
    const joined = mergePage(known, merge.held, { events: [event(8), event(7)], end: undefined });
    expect(joined.kind === "joined" && ids(joined.log.events)).toEqual(["$e1", "$e2", "$e7", "$e8", "$e9"]);
  });

  test("a trimmed log keeps its newest events and knows that there are older ones", () => {
    const log: RoomLog = { events: [event(0), event(1), event(2)], start: { kind: "beginning" } };
    expect(trimLog(log, 2)).toEqual({ events: [event(1), event(2)], start: { kind: "trimmed" } });
    expect(trimLog(log, 3)).toBe(log);
  });

  test("a redaction takes a message's content, and no state's", () => {
    const redaction = (target: string) =>
      event(9, { type: "m.room.redaction", content: { redacts: target } });
    const message = event(1, { content: { ciphertext: "x" } });
    const state = event(2, { state_key: "", content: { a: 1 } });
    const after = applyRedactions([message, state], [redaction("$e1"), redaction("$e2")]);
    expect(after[0]).toMatchObject({ content: {}, redacted: true });
    expect(after[1]).toBe(state);
  });
});
