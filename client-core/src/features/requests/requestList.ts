import { statusOf, STATUS_LABELS, type RequestState } from "@hearth/protocol";
import type { RequestRow } from "../../contract/index.ts";
import { lifecycleOf } from "./lifecycle.ts";
import type { OutboxItem } from "../../outbox/items.ts";
import type { Room } from "../../rooms/room.ts";
import { rowProblem } from "./sentences.ts";

/** One line of the request list; undefined for a room in which nobody has written anything. */
export function requestRow(
  roomId: string,
  room: Room | undefined,
  shown: RequestState,
  items: readonly OutboxItem[],
): RequestRow | undefined {
  const { folded } = shown;
  const digest = room?.digest;
  if (!folded && !digest?.hasContent) return undefined;
  const failed = items.find((item) => item.state.kind === "failed" && item.work.kind !== "message");
  // What can't be read says at least in the clear whether it is over.
  const closed = folded ? folded.closed !== null : room !== undefined && lifecycleOf(room) === "closed";
  const problem =
    failed?.state.kind === "failed"
      ? `Not sent: ${failed.state.message}`
      : digest && rowProblem({ ...digest, folded, closed, forgotten: room?.hasForgotten === true });
  const status = folded || !closed ? statusOf(folded) : "closed";
  const lastOwn = items.findLast((item) => item.work.kind !== "lifecycle" && item.work.kind !== "invite");
  return {
    roomId,
    displayId: folded?.display_id ?? "",
    title: firstLine(folded?.fields.description),
    status,
    statusLabel: STATUS_LABELS[status],
    ...(folded?.fields.priority === undefined ? {} : { priority: folded.fields.priority }),
    ...(folded?.fields.location === undefined ? {} : { location: folded.fields.location }),
    types: folded?.fields.types ?? [],
    openedAt: folded?.opened_at ?? room?.state.identity?.createdAt ?? 0,
    ...(folded === undefined ? {} : { openedBy: folded.opened_by }),
    lastActivityAt: Math.max(digest?.lastActivityAt ?? 0, lastOwn?.createdAt ?? 0),
    closed,
    mine: digest?.mine === true || items.length > 0,
    unread: digest?.unread ?? 0,
    ...(problem === undefined ? {} : { problem }),
    sending: items.some((item) => item.state.kind === "queued" || item.state.kind === "sending"),
  };
}

/** Newest activity first; the room id decides between two of the same instant, so that every device agrees. */
export function byActivity(a: RequestRow, b: RequestRow): number {
  return b.lastActivityAt - a.lastActivityAt || (a.roomId < b.roomId ? -1 : 1);
}

function firstLine(text: string | undefined): string {
  const line = text?.trim().split("\n", 1)[0]?.trim() ?? "";
  return line.length > 160 ? `${line.slice(0, 159)}…` : line;
}
