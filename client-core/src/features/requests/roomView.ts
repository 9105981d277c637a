import {
  describeLogEntry,
  followFields,
  mayAsk,
  Snapshot,
  statusOf,
  STATUS_LABELS,
  type EventId,
  type FieldChange,
  type HistoryItem,
  type Permission,
  type RequestState,
  type SetBy,
  type UserId,
} from "@hearth/protocol";
import type { DeliveryState, RoomView, TimelineItem } from "../../contract/index.ts";
import { nameOf, type Org } from "../../org/org.ts";
import type { OutboxItem } from "../../outbox/items.ts";
import { ENCRYPTED, type RawEvent } from "../../rooms/rawEvent.ts";
import type { DeviceWatch } from "../people/deviceWatch.ts";
import type { Recipients } from "../people/recipients.ts";
import type { Room } from "../../rooms/room.ts";
import { membershipSentence, refusalSentence, sentenceOf } from "./sentences.ts";
import type { Hiding } from "../../rooms/keys/keyWindow.ts";
import { sessionIdOf, type Opened } from "../../rooms/decryptor.ts";
import { replaysIn } from "../../rooms/replays.ts";
import { goingOf } from "./going.ts";
import { isRequest, requestIn } from "./projection.ts";
import { shownIncomplete } from "./shownIncomplete.ts";

/** Since when messages are kept here, and whether keys of older ones could not be deleted. */
export type KeptMessages = { readonly since: number; readonly keysRemain: boolean };

export type RoomViewInput = {
  /** As the screen knows it: a local id while the room is being made. */
  readonly roomId: string;
  readonly room: Room | undefined;
  /** With what waits in the outbox. */
  readonly shown: RequestState;
  readonly items: readonly OutboxItem[];
  readonly org: Org | undefined;
  readonly recipients: Recipients;
  readonly devices: DeviceWatch;
  readonly me: { readonly userId: UserId; readonly permissions: ReadonlySet<Permission> };
  /** The read mark as it was when the person opened the room. */
  readonly readUpTo: string | undefined;
  /** What is not to be shown, though it is here; undefined for nothing. */
  readonly hiding: Hiding | undefined;
  /** Undefined when this device keeps all. */
  readonly kept: KeptMessages | undefined;
  /** A grant lets older messages of this room be read. */
  readonly granted: boolean;
  /** Our origin serves a newer build of this client. */
  readonly newerBuild: boolean;
};

const REPLAYED =
  "A message from before that came once more under another name. Its sender did not send it again.";
const SENT: DeliveryState = { kind: "sent" };

export function roomView(input: RoomViewInput): RoomView {
  const { room, items } = input;
  if (!room && items.length === 0)
    return {
      roomId: input.roomId,
      status: "not_found",
      people: [],
      withheld: [],
      timeline: [],
      hasOlder: false,
    };
  const followed = followFields(entriesOf(input));
  const request = requestOf(input, followed.setBy);
  const timeline = timelineOf(input, followed.changes);
  const firstUnreadId = firstUnread(input, timeline);
  const endId = room?.log.events.at(-1)?.event_id;
  return {
    roomId: room?.roomId ?? input.roomId,
    status: room && isRequest(room) && !requestIn(room) ? "loading" : "ready",
    ...(request === undefined ? {} : { request }),
    ...peopleOf(input),
    timeline,
    // Behind what is no longer kept may stand what a grant lets be read.
    hasOlder: room?.hasOlder === true || (input.granted && room?.log.start.kind !== "beginning"),
    ...notKeptOf(input),
    ...(firstUnreadId === undefined ? {} : { firstUnreadId }),
    ...(endId === undefined ? {} : { endId }),
  };
}

/** Who asks for access asks for what lies before this: so it lies behind the last message that is not kept. */
export function notKeptOf({ room, kept }: Pick<RoomViewInput, "room" | "kept">): Pick<RoomView, "notKept"> {
  const upTo = room?.forgottenUpTo;
  if (upTo === undefined || !kept) return {};
  return { notKept: { before: Math.max(kept.since, upTo + 1), keysRemain: kept.keysRemain } };
}

/** The entries that count and can be read here, in their order. */
function entriesOf(input: RoomViewInput): Parameters<typeof followFields>[0] {
  const counts = new Set(
    requestIn(input.room)?.history.flatMap(({ eventId, what }) => (what.kind === "refused" ? [] : [eventId])),
  );
  return (input.room?.log.events ?? []).flatMap((event) => {
    const opened = counts.has(event.event_id) ? shownOf(input, event) : undefined;
    if (opened?.kind !== "entry") return [];
    const { type, content } = opened;
    return [{ eventId: event.event_id, sender: event.sender, type, content }];
  });
}

function requestOf(input: RoomViewInput, setBy: SetBy): RoomView["request"] {
  const { shown, room, me } = input;
  const { folded } = shown;
  if (!folded) return undefined;
  const status = statusOf(folded);
  const state = requestIn(room);
  const toldBy = state?.toldBy;
  return {
    displayId: folded.display_id,
    fields: folded.fields,
    status,
    statusLabel: STATUS_LABELS[status],
    openedBy: folded.opened_by,
    openedAt: folded.opened_at,
    ...(folded.closed ? { closed: closedOf(folded.closed) } : {}),
    ...(toldBy === undefined ? {} : { toldBy }),
    going: goingOf(shown).map((each) => ({ ...each, name: nameOf(input.org, each.userId) })),
    setBy,
    incomplete: room && state ? [...shownIncomplete(state, room.log)] : [],
    ...(state?.metNewer && input.newerBuild ? { newerBuild: true as const } : {}),
    may: {
      ...mayAsk(folded, me.permissions),
      addPeople:
        room !== undefined &&
        me.permissions.has("edit_request_data") &&
        room.state.power(me.userId) >= room.state.powerNeeded("invite"),
    },
  };
}

function closedOf(closed: { by: UserId; at: number; outcome?: string | undefined }) {
  const { by, at, outcome } = closed;
  return { by, at, ...(outcome === undefined ? {} : { outcome }) };
}

function peopleOf({
  room,
  org,
  recipients,
  devices,
  me,
}: RoomViewInput): Pick<RoomView, "people" | "withheld" | "newDevices"> {
  const people = (room?.state.people() ?? [])
    .filter(({ userId }) => userId !== org?.botUserId)
    .map(({ userId, membership }) => ({
      userId,
      name: nameOf(org, userId),
      membership,
      // One's own is never looked up: this device is signed by it, or nothing would be shown.
      identity: userId === me.userId ? ("fine" as const) : recipients.identityOf(userId),
    }))
    .toSorted((a, b) => a.name.localeCompare(b.name));
  const withheld = people.flatMap(({ userId, name }) => {
    const reason = recipients.reasonToWithhold(userId);
    return reason === undefined ? [] : [{ userId, name, reason }];
  });
  const newDevices = people.flatMap(({ userId, name }) => {
    const some = devices.newOf(userId);
    return some ? [{ userId, name, ...some }] : [];
  });
  return { people, withheld, ...(newDevices.length > 0 ? { newDevices } : {}) };
}

function timelineOf(
  input: RoomViewInput,
  changes: ReadonlyMap<EventId, readonly FieldChange[]>,
): TimelineItem[] {
  const { room, items } = input;
  const history = new Map(requestIn(room)?.history.map((item) => [item.eventId, item]));
  const replays = replaysIn(room?.log.events ?? []);
  const arrived = (room?.log.events ?? []).flatMap((event) => {
    const item = timelineItem(input, event, history, replays.has(event.event_id));
    const changed = changes.get(event.event_id);
    if (item?.body.kind !== "log" || changed === undefined) return item ?? [];
    return { ...item, body: { ...item.body, changes: changed } };
  });
  // What has just come stays in the outbox until that is written: it does not stand there twice meanwhile.
  const shown = new Set(arrived.map(({ id }) => id));
  const here = (room?.log.events ?? []).filter((event) => shown.has(event.event_id));
  const ids = new Set<string>(
    here.flatMap((event) => [event.event_id, ...(event.transactionId ? [event.transactionId] : [])]),
  );
  const waiting = items
    .filter(({ txnId, state }) => !ids.has(txnId) && !(state.kind === "sent" && ids.has(state.eventId)))
    .flatMap((item) => waitingItem(input, item) ?? []);
  return [...withDevices(input, arrived), ...waiting];
}

/** Each device that somebody here has signed in on and signed stands where it came, if that is within what is shown. */
function withDevices(input: RoomViewInput, arrived: readonly TimelineItem[]): readonly TimelineItem[] {
  const { room, org, me, devices } = input;
  const since = arrived[0]?.at ?? Infinity;
  const lines = (room?.state.people() ?? []).flatMap(({ userId }) =>
    devices
      .signedOf(userId)
      .filter(({ at }) => at >= since)
      .map(({ deviceId, at }) =>
        deviceItem({ userId, deviceId, at, name: nameOf(org, userId), me: me.userId }),
      ),
  );
  if (lines.length === 0) return arrived;
  const timeline = [...arrived];
  for (const line of lines.toSorted((a, b) => a.at - b.at))
    timeline.splice(timeline.findLastIndex(({ at }) => at <= line.at) + 1, 0, line);
  return timeline;
}

function deviceItem(of: {
  userId: UserId;
  deviceId: string;
  at: number;
  name: string;
  me: UserId;
}): TimelineItem {
  const mine = of.userId === of.me;
  return {
    id: `device ${of.userId} ${of.deviceId}`,
    at: of.at,
    sender: of.userId,
    senderName: of.name,
    mine,
    delivery: SENT,
    body: {
      kind: "device",
      text: mine
        ? "You signed in on a new device. If that was not you, sign it out under Settings, Devices, and change your password."
        : `${of.name} signed in on a new device`,
    },
  };
}

function timelineItem(
  input: RoomViewInput,
  event: RawEvent,
  history: ReadonlyMap<string, HistoryItem>,
  isReplay: boolean,
): TimelineItem | undefined {
  const { org, me } = input;
  const name = (userId: string) => nameOf(org, userId as UserId);
  const item = (body: TimelineItem["body"], warning?: string): TimelineItem => ({
    id: event.event_id,
    at: event.origin_server_ts,
    sender: event.sender,
    senderName: name(event.sender),
    mine: event.sender === me.userId,
    delivery: SENT,
    body,
    ...(warning === undefined ? {} : { warning }),
  });
  const membership = membershipSentence(event, name, org?.botUserId);
  if (membership !== undefined) return item({ kind: "membership", ...membership });
  if (event.type !== ENCRYPTED) return undefined;
  if (event.redacted) return item({ kind: "redacted" });
  const opened = shownOf(input, event);
  switch (opened?.kind) {
    case undefined:
    case "forgotten":
      return undefined;
    case "unreadable":
      return item({ kind: "unreadable", reason: opened.reason, advice: opened.advice });
    case "refused":
      return item({ kind: "refused", reason: opened.reason }, opened.warning);
    case "message":
      if (isReplay) return item({ kind: "refused", reason: REPLAYED });
      return item(messageBody(input, opened.content), opened.warning);
    case "entry": {
      const what = history.get(event.event_id)?.what;
      if (what === undefined && opened.sharedBy !== undefined) return sharedEntry(item, name, event, opened);
      // Told by the snapshot that this device started from, or let go of: it was folded, elsewhere or before.
      if (what === undefined) return undefined;
      if (what.kind === "refused")
        return item(
          { kind: "refused", reason: refusalSentence(what.reason, input.newerBuild) },
          opened.warning,
        );
      return item({ kind: "log", text: sentenceOf(name(event.sender), what), entry: what }, opened.warning);
    }
  }
}

function shownOf({ room, hiding }: RoomViewInput, event: RawEvent): Opened | undefined {
  const sessionId = sessionIdOf(event);
  if (room && hiding && sessionId !== undefined && hiding.key({ roomId: room.roomId, sessionId }))
    return undefined;
  return room?.openedOf(event.event_id);
}

/** Not folded, because nobody but its giver vouches for it: what it says by itself is shown all the same. */
function sharedEntry(
  item: (body: TimelineItem["body"], warning?: string) => TimelineItem,
  name: (userId: string) => string,
  event: RawEvent,
  { type, content, warning }: Extract<Opened, { kind: "entry" }>,
): TimelineItem | undefined {
  const what = describeLogEntry(type, content);
  if (what === undefined || what.kind === "snapshot" || what.kind === "refused") return undefined;
  return item({ kind: "log", text: sentenceOf(name(event.sender), what), entry: what }, warning);
}

function messageBody(
  input: RoomViewInput,
  content: {
    body: string;
    "m.relates_to"?: { "m.in_reply_to"?: { event_id: string } | undefined } | undefined;
  },
): TimelineItem["body"] {
  const id = content["m.relates_to"]?.["m.in_reply_to"]?.event_id;
  const message = { kind: "message" as const, text: content.body };
  if (id === undefined) return message;
  const target = input.room?.log.events.find((event) => event.event_id === id);
  const opened = target && shownOf(input, target);
  return {
    ...message,
    replyTo: {
      id,
      senderName: target ? nameOf(input.org, target.sender) : "",
      text: opened?.kind === "message" ? opened.content.body.slice(0, 200) : "An older message",
    },
  };
}

function waitingItem(input: RoomViewInput, item: OutboxItem): TimelineItem | undefined {
  const { org, me } = input;
  const { work, state } = item;
  const body = waitingBody(input, item);
  // What nobody asked for by name is shown when it fails, in the outbox.
  if (!body || work.kind === "snapshot") return undefined;
  return {
    id: item.localId,
    at: item.createdAt,
    sender: me.userId,
    senderName: nameOf(org, me.userId),
    mine: true,
    delivery: state.kind === "sent" ? { kind: "sending" } : state,
    body,
  };
}

function waitingBody(input: RoomViewInput, { localId, work }: OutboxItem): TimelineItem["body"] | undefined {
  if (work.kind === "message") return messageBody(input, work.content);
  if (work.kind !== "entry" || work.entry.type === Snapshot.type) return undefined;
  const what = input.shown.history.find((one) => one.eventId === `$${localId}`)?.what;
  const name = nameOf(input.org, input.me.userId);
  if (!what || what.kind === "refused") return { kind: "log", text: `${name}: not sent` };
  return { kind: "log", text: sentenceOf(name, what), entry: what };
}

function firstUnread(input: RoomViewInput, timeline: readonly TimelineItem[]): string | undefined {
  const { readUpTo, room, me } = input;
  if (readUpTo === undefined || !room) return undefined;
  const place = new Map(room.log.events.map((event, i) => [event.event_id as string, i]));
  const readAt = place.get(readUpTo);
  if (readAt === undefined) return undefined;
  return timeline.find(
    (item) =>
      (place.get(item.id) ?? -1) > readAt && item.sender !== me.userId && item.body.kind !== "membership",
  )?.id;
}
