import { EventId } from "@hearth/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { throughRoom } from "../../rooms/phases.ts";
import { Room } from "../../rooms/room.ts";
import { requestIn, saidIn } from "./projection.ts";
import { notKeptOf } from "./roomView.ts";
import { FakeRequest, ROOM, WRITER } from "./testing/fakeRequest.ts";

const open = (fake: FakeRequest) =>
  fake.write({ kind: "open", displayId: "1123-K7Q", fields: { description: "Example" } });

describe("a request's room", () => {
  test("a device that comes late goes back to the beginning, and folds the same", async () => {
    const fake = new FakeRequest();
    open(fake);
    fake.say(70);
    fake.write({ kind: "set_status", status: "on_site" });
    const room = fake.room();
    await throughRoom(room, fake.update(0, 20));
    expect(requestIn(room)?.folded).toEqual(fake.state.folded);
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
    await throughRoom(room, fake.update(0, 20));
    expect(requestIn(room)?.folded?.fields).toEqual(fake.state.folded?.fields);
    expect(requestIn(room)?.toldBy).toBe(WRITER);
    expect(room.log.events.length).toBeLessThan(30);
  });

  test("a key that comes late puts its entry where it stood", async () => {
    const fake = new FakeRequest();
    open(fake);
    const late = fake.write({ kind: "edit", changes: { location: "first" } });
    fake.write({ kind: "edit", changes: { location: "second" } });
    fake.unreadable.add(late);
    const room = fake.room();
    await throughRoom(room, fake.update(0, 20));
    expect(room.digest).toMatchObject({ unreadable: 1, incomplete: true });
    fake.unreadable.delete(late);
    await room.retry([late]);
    expect(requestIn(room)?.folded?.fields.location).toBe("second");
    expect(room.digest).toMatchObject({ unreadable: 0, incomplete: false });
  });

  test("a long log is cut, folds on, survives a reload, and can be scrolled back", async () => {
    const fake = new FakeRequest();
    open(fake);
    const room = fake.room();
    await throughRoom(room, fake.update(0, 20));
    for (let i = 0; i < 30; i += 1) {
      const since = fake.events.length;
      fake.say(12);
      fake.write({ kind: "edit", changes: { location: `place ${i}` } });
      await throughRoom(room, fake.update(since, 20));
    }
    expect(room.log.events.length).toBeLessThan(260);
    expect(room.log.start.kind).toBe("trimmed");
    expect(requestIn(room)?.folded).toEqual(fake.state.folded);

    const again = Room.restore(
      ROOM,
      JSON.parse(JSON.stringify(room.store())) as ReturnType<Room["store"]>,
      fake.deps,
    );
    expect(saidIn(again)).toEqual(fake.state.folded);
    await again.refold();
    expect(requestIn(again)?.folded).toEqual(fake.state.folded);
    while (await again.loadOlder());
    expect(again.log.events.map((event) => event.event_id)).toEqual(
      fake.events.map((event) => event.event_id),
    );
    expect(requestIn(again)?.folded).toEqual(fake.state.folded);
    again.letGoOfOlder();
    expect(again.log.events.length).toBeLessThan(260);
    await again.refold();
    expect(requestIn(again)?.folded).toEqual(fake.state.folded);
  });

  test("a gap whose closing broke off is closed with the next response", async () => {
    const fake = new FakeRequest();
    open(fake);
    const room = fake.room();
    await throughRoom(room, fake.update(0, 20));
    const since = fake.events.length;
    fake.write({ kind: "edit", changes: { location: "in the gap" } });
    fake.say(40);
    fake.refusePages = true;
    await expect(throughRoom(room, fake.update(since, 20))).rejects.toThrow("no");
    fake.refusePages = false;
    const next = fake.events.length;
    fake.say(1);
    // The homeserver believes that all before has arrived.
    await throughRoom(room, { ...fake.update(next, 20), mayHaveGap: false });
    expect(room.log.events.map((event) => event.event_id)).toEqual(
      fake.events.map((event) => event.event_id),
    );
    expect(requestIn(room)?.folded).toEqual(fake.state.folded);
  });

  test("[P3] what is no longer kept ends behind its last message, also where a long block took that along from within the window", async () => {
    const fake = new FakeRequest();
    open(fake);
    fake.say(3);
    const room = fake.room();
    await throughRoom(room, fake.update(0, 20));
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
    await throughRoom(room, fake.update(0, 20));
    expect(room.digest.unread).toBe(3);
    expect(room.markRead()).toBe(true);
    expect(room.digest.unread).toBe(0);
    const since = fake.events.length;
    fake.say(1);
    await throughRoom(room, fake.update(since, 20));
    expect(room.digest.unread).toBe(1);
  });

  test("counts as read what was in view and no more, whatever is looked at next", async () => {
    const fake = new FakeRequest();
    open(fake);
    fake.say(6);
    fake.write({ kind: "snapshot" });
    const room = fake.room();
    await throughRoom(room, fake.update(0, 20));
    const encrypted = fake.events.filter(({ type }) => type === "m.room.encrypted");
    const total = room.digest.unread;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(encrypted.length - 1)), async (seen) => {
        const one = fake.room();
        await throughRoom(one, fake.update(0, 20));
        for (const i of seen) one.markRead(encrypted[i]?.event_id);
        const furthest = seen.length === 0 ? -1 : Math.max(...seen);
        // The last one is a summary, which is no news.
        expect(one.digest.unread).toBe(total - Math.min(furthest + 1, total));
      }),
      { numRuns: 30 },
    );
    // What stands among them and is not sealed, such as a joining, counts what came before it.
    expect(room.markRead(fake.events[1]?.event_id)).toBe(false);
    expect(room.markRead(EventId.parse("$unknown"))).toBe(false);
    expect(room.digest.unread).toBe(total);
  });
});
