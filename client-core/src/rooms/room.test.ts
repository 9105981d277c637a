import {
  decideRequest,
  EventId,
  initialRequest,
  LogEntryId,
  MessageContent,
  PERMISSIONS,
  reduceRequest,
  RoomId,
  UserId,
  type RequestCommand,
  type RequestState,
} from "@hearth/protocol";
import { describe, expect, test } from "vitest";
import type { Opened } from "./decryptor.ts";
import type { RawEvent } from "./rawEvent.ts";
import { notKeptOf } from "../features/requests/roomView.ts";
import { Room, type RoomDeps } from "./room.ts";

const ME = UserId.parse("@example-me:hearth.localhost");
const WRITER = UserId.parse("@example-writer:hearth.localhost");
const ROOM = RoomId.parse("!request");
const ALL = new Set(PERMISSIONS);

/** Stands in for a homeserver's request room, for the decryptor into its ciphertext, and for the one who writes in it. */
class FakeRequest {
  readonly events: RawEvent[] = [];
  readonly inside = new Map<EventId, Opened>();
  readonly unreadable = new Set<EventId>();
  refusePages = false;
  state: RequestState = initialRequest();
  #seq = 0;

  constructor() {
    this.#push("m.room.create", { type: "org.hearth.request", "org.hearth.org_id": "example" }, "");
    this.#push("m.room.member", { membership: "join" }, ME);
  }

  write(command: RequestCommand): EventId {
    const decision = decideRequest(this.state, command, { userId: WRITER, permissions: ALL }, 1000);
    const [entry] = decision.ok ? decision.entries : [];
    if (!entry) throw new Error(decision.ok ? "nothing to write" : decision.message);
    const eventId = this.#push("m.room.encrypted", {});
    const content = {
      ...entry.payload,
      v: 1,
      id: LogEntryId.parse(String(++this.#seq).padStart(22, "A")),
      device: "DEVICE",
      seq: this.#seq,
      at: 1000,
      heads: this.state.folded?.heads ?? [],
    };
    this.inside.set(eventId, { kind: "entry", type: entry.type, content });
    const input = {
      eventId,
      sender: WRITER,
      serverTs: 1000,
      type: entry.type,
      content,
      senderPermissions: ALL,
    };
    this.state = reduceRequest(this.state, input);
    return eventId;
  }

  say(count: number): void {
    for (let i = 0; i < count; i += 1) {
      const eventId = this.#push("m.room.encrypted", {});
      const content = MessageContent.parse({ msgtype: "m.text", body: eventId });
      this.inside.set(eventId, { kind: "message", content });
    }
  }

  #push(type: string, content: Record<string, unknown>, stateKey?: string): EventId {
    const event_id = EventId.parse(`$e${this.events.length}`);
    const state = stateKey === undefined ? {} : { state_key: stateKey };
    this.events.push({
      event_id,
      type,
      sender: WRITER,
      origin_server_ts: 1000 + this.events.length,
      content,
      ...state,
    });
    return event_id;
  }

  /** The newest `limit` of what came after `since`, as sliding sync gives it. */
  update(since: number, limit: number) {
    const from = Math.max(since, this.events.length - limit);
    const state = since === 0 ? this.events.filter((event) => event.state_key !== undefined) : [];
    return {
      roomId: ROOM,
      state,
      timeline: this.events.slice(from),
      mayHaveGap: from > since || since === 0,
      prevBatch: String(from),
      inviteState: undefined,
    };
  }

  readonly deps = {
    me: ME,
    decryptor: {
      open: (_: RoomId, raw: RawEvent): Promise<Opened> =>
        Promise.resolve(
          this.unreadable.has(raw.event_id)
            ? { kind: "unreadable", reason: "no key", advice: "ask" }
            : (this.inside.get(raw.event_id) ?? { kind: "refused", reason: "unknown" }),
        ),
      forget: () => undefined,
    } as unknown as RoomDeps["decryptor"],
    fetchPage: (_: RoomId, token: string) => {
      if (this.refusePages) return Promise.reject(new Error("no"));
      const to = Number(token);
      const from = Math.max(0, to - 25);
      const events = this.events.slice(from, to).toReversed();
      return Promise.resolve({ events, end: from > 0 ? String(from) : undefined });
    },
    fetchTokenBefore: (_: RoomId, eventId: EventId) =>
      Promise.resolve(String(this.events.findIndex((event) => event.event_id === eventId))),
    permissionsAt: () => ALL,
  } satisfies RoomDeps;

  room(): Room {
    return new Room(ROOM, this.deps);
  }
}

const open = (fake: FakeRequest) =>
  fake.write({ kind: "open", displayId: "1123-K7Q", fields: { description: "Example" } });

describe("a request's room", () => {
  test("a device that comes late goes back to the beginning, and folds the same", async () => {
    const fake = new FakeRequest();
    open(fake);
    fake.say(70);
    fake.write({ kind: "set_status", status: "on_site" });
    const room = fake.room();
    await room.take(fake.update(0, 20));
    expect(room.request?.folded).toEqual(fake.state.folded);
    expect(room.log.start.kind).toBe("beginning");
  });

  test("one that finds a summary goes back no further than what the summary covers", async () => {
    const fake = new FakeRequest();
    open(fake);
    fake.say(100);
    fake.write({ kind: "edit", changes: { location: "Example Street" } });
    fake.write({ kind: "snapshot" });
    fake.say(10);
    const room = fake.room();
    await room.take(fake.update(0, 20));
    expect(room.request?.folded?.fields).toEqual(fake.state.folded?.fields);
    expect(room.request?.toldBy).toBe(WRITER);
    expect(room.log.events.length).toBeLessThan(30);
  });

  test("a key that comes late puts its entry where it stood", async () => {
    const fake = new FakeRequest();
    open(fake);
    const late = fake.write({ kind: "edit", changes: { location: "first" } });
    fake.write({ kind: "edit", changes: { location: "second" } });
    fake.unreadable.add(late);
    const room = fake.room();
    await room.take(fake.update(0, 20));
    expect(room.digest).toMatchObject({ unreadable: 1, incomplete: true });
    fake.unreadable.delete(late);
    await room.retry([late]);
    expect(room.request?.folded?.fields.location).toBe("second");
    expect(room.digest).toMatchObject({ unreadable: 0, incomplete: false });
  });

  test("a long log is cut, folds on, survives a reload, and can be scrolled back", async () => {
    const fake = new FakeRequest();
    open(fake);
    const room = fake.room();
    await room.take(fake.update(0, 20));
    for (let i = 0; i < 30; i += 1) {
      const since = fake.events.length;
      fake.say(12);
      fake.write({ kind: "edit", changes: { location: `place ${i}` } });
      await room.take(fake.update(since, 20));
    }
    expect(room.log.events.length).toBeLessThan(260);
    expect(room.log.start.kind).toBe("trimmed");
    expect(room.request?.folded).toEqual(fake.state.folded);

    const again = Room.restore(
      ROOM,
      JSON.parse(JSON.stringify(room.store())) as ReturnType<Room["store"]>,
      fake.deps,
    );
    expect(again.digest.folded).toEqual(fake.state.folded);
    await again.refold();
    expect(again.request?.folded).toEqual(fake.state.folded);
    while (await again.loadOlder());
    expect(again.log.events.map((event) => event.event_id)).toEqual(
      fake.events.map((event) => event.event_id),
    );
    expect(again.request?.folded).toEqual(fake.state.folded);
    again.letGoOfOlder();
    expect(again.log.events.length).toBeLessThan(260);
    await again.refold();
    expect(again.request?.folded).toEqual(fake.state.folded);
  });

  test("a gap whose closing broke off is closed with the next response", async () => {
    const fake = new FakeRequest();
    open(fake);
    const room = fake.room();
    await room.take(fake.update(0, 20));
    const since = fake.events.length;
    fake.write({ kind: "edit", changes: { location: "in the gap" } });
    fake.say(40);
    fake.refusePages = true;
    await expect(room.take(fake.update(since, 20))).rejects.toThrow("no");
    fake.refusePages = false;
    const next = fake.events.length;
    fake.say(1);
    // The homeserver believes that all before has arrived.
    await room.take({ ...fake.update(next, 20), mayHaveGap: false });
    expect(room.log.events.map((event) => event.event_id)).toEqual(
      fake.events.map((event) => event.event_id),
    );
    expect(room.request?.folded).toEqual(fake.state.folded);
  });

  test("[P3] what is no longer kept ends behind its last message, also where a long block took that along from within the window", async () => {
    const fake = new FakeRequest();
    open(fake);
    fake.say(3);
    const room = fake.room();
    await room.take(fake.update(0, 20));
    const kept = { since: 0, keysRemain: false };
    expect(notKeptOf({ room, kept })).toEqual({});
    await room.forget(
      () => true,
      () => false,
    );
    const last = fake.events.at(-1)?.origin_server_ts ?? Number.NaN;
    expect(notKeptOf({ room, kept }).notKept?.before).toBe(last + 1);
    expect(notKeptOf({ room, kept: { ...kept, since: last + 500 } }).notKept?.before).toBe(last + 500);
    const restarted = Room.restore(ROOM, room.store(), fake.deps);
    expect(notKeptOf({ room: restarted, kept }).notKept?.before).toBe(last + 1);
  });

  test("counts as unread what others wrote since one came or last looked, and no summaries", async () => {
    const fake = new FakeRequest();
    open(fake);
    fake.write({ kind: "snapshot" });
    fake.say(2);
    const room = fake.room();
    await room.take(fake.update(0, 20));
    expect(room.digest.unread).toBe(3);
    expect(room.markRead()).toBe(true);
    expect(room.digest.unread).toBe(0);
    const since = fake.events.length;
    fake.say(1);
    await room.take(fake.update(since, 20));
    expect(room.digest.unread).toBe(1);
  });
});
