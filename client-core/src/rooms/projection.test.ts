// A second kind of room: a board of notes, of which the last one stands. Rooms need nothing else to carry it.
import { EventId, RoomId, UserId } from "@hearth/protocol";
import { expect, test } from "vitest";
import type { RecordChange, SignedInSession } from "../session/api.ts";
import type { Opened } from "./decryptor.ts";
import { stateOf, toldOf, type Projection } from "./projection.ts";
import type { RawEvent } from "./rawEvent.ts";
import { RoomBook } from "./roomBook.ts";
import type { RoomDeps } from "./room.ts";

const ME = UserId.parse("@example-me:hearth.localhost");
const BOT = UserId.parse("@hearth-bot:hearth.localhost");
const ORG_ROOM = RoomId.parse("!org");
const BOARD_ROOM = RoomId.parse("!board");
const NOTE = "org.hearth.test.note";

type Board = { readonly count: number; readonly note?: { readonly text: string; readonly at: number } };
type Told = { readonly note?: string };

const board: Projection<Board, Board, Told> = {
  room: "org.hearth.map",
  initial: { count: 0 },
  isEntry: (type) => type === NOTE,
  fold: (before, events, openedOf) =>
    events.reduce((now, { event_id, origin_server_ts: at }) => {
      const opened = openedOf(event_id);
      if (opened?.kind !== "entry") return now;
      return { count: now.count + 1, note: { text: String((opened.content as { text: string }).text), at } };
    }, before),
  store: (state) => state,
  restore: (stored) => stored,
  hasBegun: ({ count }) => count > 0,
  wantsOlder: () => false,
  waitsForNewer: () => false,
  tell: ({ note }) => (note ? { note: note.text } : {}),
  isIncomplete: () => false,
  isBy: () => false,
  isRepetition: () => false,
  isOver: () => false,
  end: () => ({ count: 0 }),
  beganBefore: () => false,
  // A note goes with its event; what is counted stays.
  saysMore: () => false,
  carriedOn: ({ count }) => ({ count }),
  holdsPast: ({ note }, isPast) => note !== undefined && isPast(note.at),
  withoutPast: ({ count, note }, isPast) => (note && !isPast(note.at) ? { count, note } : { count }),
  withoutHistory: (state) => state,
};

/** A server's org and board, a device that reads them, and its disk. */
function world() {
  const records = new Map<string, unknown>();
  const inside = new Map<string, Opened>();
  const events: RawEvent[] = [];
  let keptSince = 0;
  const push = (type: string, content: Record<string, unknown>, stateKey?: string): RawEvent => {
    const event_id = EventId.parse(`$e${events.length}`);
    const state = stateKey === undefined ? {} : { state_key: stateKey };
    const event = { event_id, type, sender: BOT, origin_server_ts: events.length, content, ...state };
    events.push(event);
    return event;
  };
  const start = async () => {
    const session = {
      userId: ME,
      now: () => 0,
      stopped: new AbortController().signal,
      log: (_: string, what: string, error: unknown) => {
        throw new Error(what, { cause: error });
      },
      records: {
        all: (collection: string) =>
          Promise.resolve(collection === "rooms" ? [...records].map(([key, value]) => ({ key, value })) : []),
        write: () => Promise.resolve(),
      },
    } as unknown as SignedInSession;
    const decryptor = {
      open: (_: RoomId, raw: RawEvent): Promise<Opened> =>
        Promise.resolve(
          raw.origin_server_ts < keptSince
            ? { kind: "forgotten", passedOn: false }
            : (inside.get(raw.event_id) ?? { kind: "refused", reason: "unknown" }),
        ),
      openOnceMore: (_: RoomId, raw: RawEvent) => Promise.resolve(inside.get(raw.event_id)),
      forget: () => undefined,
    } as unknown as RoomDeps["decryptor"];
    const told: string[] = [];
    const book = new RoomBook(session, decryptor, [board], () => Promise.resolve(), {
      write: (changes: readonly RecordChange[]) => {
        for (const { collection, key, ...change } of changes)
          if (collection === "rooms" && "value" in change)
            records.set(key, JSON.parse(JSON.stringify(change.value)));
        return Promise.resolve();
      },
      onChange: (keys) => told.push(...keys),
      onEvents: () => ({ keys: [], write: [] }),
      onInvite: () => {},
      onJoined: () => {},
      onGone: () => {},
      isPast: (at) => at < keptSince,
    });
    await book.load();
    const room = () => {
      const found = book.rooms.get(BOARD_ROOM);
      if (!found) throw new Error("there is no board");
      return found;
    };
    return { book, room, told };
  };
  return {
    push,
    start,
    note: (text: string) => {
      const event = push("m.room.encrypted", {});
      inside.set(event.event_id, { kind: "entry", type: NOTE, content: { text } });
      return event;
    },
    forgetBefore: (at: number) => (keptSince = at),
  };
}

test("a room of another kind is received, opened, folded, committed, restarted and forgotten by its projection alone", async () => {
  const { push, start, note, forgetBefore } = world();
  const made = (roomId: RoomId, type: string, state: RawEvent[]) => ({
    roomId,
    state: [push("m.room.create", { type, "org.hearth.org_id": "example" }, ""), ...state],
    timeline: [] as RawEvent[],
    mayHaveGap: false,
    prevBatch: undefined,
    inviteState: undefined,
  });
  const joined = push("m.room.member", { membership: "join" }, ME);
  const org = made(ORG_ROOM, "org.hearth.org", [joined]);
  const first = await start();
  const notes = [note("one"), note("two")];
  await first.book.take([{ ...made(BOARD_ROOM, "org.hearth.map", [joined]), timeline: notes }, org], true);
  await first.book.flush();
  expect(stateOf(first.room(), board)).toMatchObject({ count: 2, note: { text: "two" } });
  expect(first.told).toContain(`room/${BOARD_ROOM}/log`);

  // A start knows it from the disk, and opens it when somebody needs it.
  const again = await start();
  expect(stateOf(again.room(), board)).toBeUndefined();
  expect(toldOf(again.room(), board)).toMatchObject({ note: "two", unreadable: 0 });
  await again.book.change(BOARD_ROOM, (room) => room.refold());
  expect(stateOf(again.room(), board)).toMatchObject({ count: 2 });

  // Past the window, the note goes and the count stays.
  forgetBefore(100);
  const isPastEvent = ({ origin_server_ts }: RawEvent) => origin_server_ts < 100;
  const isPast = (at: number) => at < 100;
  expect(again.room().holdsPast(isPastEvent, isPast)).toBe(true);
  await again.book.change(BOARD_ROOM, (room) => room.forget(isPastEvent, isPast));
  await again.book.flush();
  expect(stateOf(again.room(), board)).toEqual({ count: 2 });
  expect(JSON.stringify(again.room().store())).not.toContain("two");
  expect(again.room().holdsPast(isPastEvent, isPast)).toBe(false);
});

declare global {
  interface ImportMeta {
    /** Vite's: the files that fit, by path. */
    glob(pattern: string, options: object): Record<string, string>;
  }
}

test("rooms name nothing of a request's rules", () => {
  const sources = import.meta.glob("./**/*.ts", { query: "?raw", import: "default", eager: true });
  const named = Object.entries(sources)
    .filter(([path]) => !path.endsWith(".test.ts"))
    .flatMap(([path, text]) =>
      [...text.matchAll(/import [^;]*? from "@hearth\/protocol";/g)]
        .flatMap(([imported]) => imported.match(/\w*(Request|Snapshot|LogEntry)\w*/g) ?? [])
        .map((name) => `${path}: ${name}`),
    );
  expect(Object.keys(sources).length).toBeGreaterThan(20);
  expect(named).toEqual([]);
});
