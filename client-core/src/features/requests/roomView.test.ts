import { EventId, RoomId, UserId } from "@hearth/protocol";
import { expect, test } from "vitest";
import type { Opened } from "../../rooms/decryptor.ts";
import type { ItemState, OutboxItem } from "../../outbox/items.ts";
import type { RawEvent } from "../../rooms/rawEvent.ts";
import type { Room } from "../../rooms/room.ts";
import { requestProjection } from "./projection.ts";
import { roomView, type RoomViewInput } from "./roomView.ts";

const ME = UserId.parse("@example-me:hearth.localhost");
const ROOM = RoomId.parse("!request");
const EVENT = EventId.parse("$arrived");
const content = { msgtype: "m.text" as const, body: "On my way" };

/** A request with one message of this person's own, in the log (opened or not), in the outbox, or in both. */
function texts(state: ItemState, event: Partial<RawEvent>, isOpened = true): string[] {
  const events = [
    {
      event_id: EVENT,
      type: "m.room.encrypted",
      sender: ME,
      origin_server_ts: 5,
      content: {},
      ...event,
    },
  ];
  const opened = { kind: "message", content } as unknown as Opened;
  const room = {
    roomId: ROOM,
    projection: requestProjection,
    log: { events, start: { kind: "beginning" } },
    state: { people: () => [] },
    openedOf: () => (isOpened ? opened : undefined),
    hasOlder: false,
  } as unknown as Room;
  const item: OutboxItem = {
    localId: "local-1",
    order: 1,
    roomId: ROOM,
    txnId: "txn-1",
    createdAt: 4,
    work: { kind: "message", content } as unknown as OutboxItem["work"],
    state,
  };
  const input = {
    roomId: ROOM,
    room,
    shown: { history: [] },
    items: [item],
    org: undefined,
    me: { userId: ME, permissions: new Set() },
    devices: { newOf: () => undefined, signedOf: () => [] },
    granted: false,
    newerBuild: false,
  } as unknown as RoomViewInput;
  return roomView(input).timeline.flatMap(({ body }) => (body.kind === "message" ? [body.text] : []));
}

const sent: ItemState = { kind: "sent", eventId: EVENT };

test("a message that has come stands there once, before the outbox has let go of it", () => {
  expect(texts(sent, {})).toEqual([content.body]);
  expect(texts({ kind: "sending" }, { transactionId: "txn-1" })).toEqual([content.body]);
});

test("a message that has come and is not opened yet is still shown", () => {
  expect(texts(sent, {}, false)).toEqual([content.body]);
});

test("two messages of the same words are two", () => {
  expect(texts({ kind: "queued" }, { transactionId: "txn-0" })).toEqual([content.body, content.body]);
});

test("a device that somebody signed in on and signed is a line where it came, and none before what is shown", () => {
  const SAM = UserId.parse("@example-sam:hearth.localhost");
  const event = (at: number): RawEvent => ({
    event_id: EventId.parse(`$at${at}`),
    type: "m.room.encrypted",
    sender: ME,
    origin_server_ts: at,
    content: {},
  });
  const room = {
    roomId: ROOM,
    projection: requestProjection,
    log: { events: [event(10), event(20), event(30)], start: { kind: "beginning" } },
    state: { people: () => [{ userId: SAM, membership: "join" }] },
    openedOf: () => ({ kind: "message", content }),
    hasOlder: false,
  } as unknown as Room;
  const input = {
    roomId: ROOM,
    room,
    shown: { history: [] },
    items: [],
    org: undefined,
    recipients: { identityOf: () => "fine", reasonToWithhold: () => undefined },
    me: { userId: ME, permissions: new Set() },
    devices: {
      newOf: () => undefined,
      signedOf: () => [
        { deviceId: "LATER", at: 25 },
        { deviceId: "LONGAGO", at: 5 },
        { deviceId: "LAST", at: 40 },
      ],
    },
  } as unknown as RoomViewInput;
  const view = roomView(input);
  expect(view.newDevices).toBeUndefined();
  expect(view.timeline.map(({ body, at }) => `${body.kind} ${at}`)).toEqual([
    "message 10",
    "message 20",
    "device 25",
    "message 30",
    "device 40",
  ]);
  // Who sees the end has read up to the newest event, not to a line that is none.
  expect(view.endId).toBe("$at30");
});
