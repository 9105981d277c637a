import type { EventId, RoomId } from "@hearth/protocol";
import { mergePage, type Merge, type Page, type RoomLog } from "./roomLog.ts";

/** How older events of a room are asked for. */
export type Pages = {
  /** Older events; waits while the homeserver can't be reached. Throws when it refuses, or when all is stopped. */
  readonly fetchPage: (roomId: RoomId, from: string) => Promise<Page>;
  /** The token for the place before an event. */
  readonly fetchTokenBefore: (roomId: RoomId, eventId: EventId) => Promise<string | undefined>;
};

/** The page before a log; undefined when there is nothing older. */
export async function olderPage(log: RoomLog, roomId: RoomId, pages: Pages): Promise<Page | undefined> {
  const token = await tokenBefore(log, roomId, pages);
  return token ? pages.fetchPage(roomId, token) : undefined;
}

/** Fetches older pages until what came joins what is known. */
export async function closeGap(
  log: RoomLog,
  merge: Merge,
  roomId: RoomId,
  pages: Pages,
): Promise<Extract<Merge, { kind: "joined" }>> {
  let now = merge;
  while (now.kind === "gap") now = mergePage(log, now.held, await pages.fetchPage(roomId, now.token));
  return now;
}

async function tokenBefore(
  { start, events }: RoomLog,
  roomId: RoomId,
  pages: Pages,
): Promise<string | undefined> {
  if (start.kind === "token") return start.token;
  const first = events[0]?.event_id;
  return start.kind === "trimmed" && first !== undefined ? pages.fetchTokenBefore(roomId, first) : undefined;
}
