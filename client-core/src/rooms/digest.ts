import type { EventId, UserId } from "@hearth/protocol";
import type { Opened } from "./decryptor.ts";
import type { AnyProjection, OpenedOf } from "./projection.ts";
import { ENCRYPTED, type RawEvent } from "./rawEvent.ts";
import type { RoomLog } from "./roomLog.ts";
import type { Digest } from "./storedRoom.ts";

/** What the list shows of a room as it is now; what was not loaded since the start stays as it was stored. */
export function digestOf(room: {
  readonly me: UserId;
  readonly before: Digest;
  readonly log: RoomLog;
  readonly openedOf: OpenedOf;
  readonly projection: AnyProjection | undefined;
  /** What the log folds to, if that was needed since the start. */
  readonly projected: unknown;
  readonly readUpTo: EventId | undefined;
  readonly createdAt: number | undefined;
}): Digest {
  const { me, before, log, projected, readUpTo } = room;
  const projection = projected === undefined ? undefined : room.projection;
  const encrypted = log.events.filter((event) => event.type === ENCRYPTED && !event.redacted);
  const opened = encrypted.map((event) => room.openedOf(event.event_id));
  const isNews = (one: Opened | undefined) =>
    one === undefined || (one.kind !== "forgotten" && room.projection?.isRepetition(one) !== true);
  const counts = encrypted.filter((_, i) => isNews(opened[i]));
  const last = counts.at(-1);
  const readAt = encrypted.findIndex((event) => event.event_id === readUpTo);
  const readIds = new Set(encrypted.slice(0, readAt + 1).map((event) => event.event_id));
  return {
    // All that is told, or as it was: never a part of either.
    ...(projection ? projection.tell(projected) : before),
    incomplete: projection ? projection.isIncomplete(projected, log) : before.incomplete,
    unreadable: projection ? opened.filter((one) => one?.kind === "unreadable").length : before.unreadable,
    hasContent: before.hasContent || encrypted.length > 0,
    mine:
      before.mine ||
      projection?.isBy(projected, me) === true ||
      encrypted.some((event) => event.sender === me),
    lastActivityAt: last?.origin_server_ts ?? (before.lastActivityAt || (room.createdAt ?? 0)),
    unread: unreadOf({ me, log, counts, readIds, isFirst: readUpTo === undefined }),
  };
}

function unreadOf(of: {
  readonly me: UserId;
  readonly log: RoomLog;
  readonly counts: readonly RawEvent[];
  readonly readIds: ReadonlySet<EventId>;
  readonly isFirst: boolean;
}): number {
  const { me, log, counts, readIds, isFirst } = of;
  // What was written before this person came is not news to catch up with; that they were called is one.
  const cameAt = log.events.findLastIndex(
    (event) =>
      event.type === "m.room.member" && event.state_key === me && event.content["membership"] === "join",
  );
  const since = new Set(log.events.slice(cameAt + 1).map((event) => event.event_id));
  const unread = counts.filter(
    (event) => event.sender !== me && since.has(event.event_id) && !readIds.has(event.event_id),
  ).length;
  const isNew = isFirst && counts.some((event) => event.sender !== me);
  return isNew ? Math.max(1, unread) : unread;
}
