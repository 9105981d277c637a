import type { RequestRow } from "@hearth/client-core/contract.ts";
import { PRIORITIES, type RequestStatus } from "@hearth/protocol";

export type ListTab = "active" | "closed" | "all";
export type ListSort = "newest" | "status" | "priority";

/** What needs somebody stands first. */
const STATUS_ORDER: readonly RequestStatus[] = ["unassigned", "on_the_way", "on_site", "finished", "closed"];

/** The rows of a tab that match the search, in the order asked for; among equals the newest first. */
export function arrange(
  rows: readonly RequestRow[],
  { tab, sort, search }: { tab: ListTab; sort: ListSort; search: string },
): RequestRow[] {
  const words = fold(search).split(/\s+/).filter(Boolean);
  return rows
    .filter((row) => tab === "all" || row.closed === (tab === "closed"))
    .filter((row) => matches(row, words))
    .sort(
      (a, b) => rank(a, sort) - rank(b, sort) || b.openedAt - a.openedAt || (a.roomId < b.roomId ? -1 : 1),
    );
}

function rank(row: RequestRow, sort: ListSort): number {
  if (sort === "status") return STATUS_ORDER.indexOf(row.status);
  // A request without a priority has not been judged yet: after what is known to be urgent, before what is not.
  if (sort === "priority")
    return row.priority ? PRIORITIES.indexOf(row.priority) : PRIORITIES.indexOf("urgent") + 0.5;
  return 0;
}

function matches(row: RequestRow, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const text = fold(
    [row.displayId, row.title, row.location ?? "", row.openedBy ?? "", row.statusLabel, ...row.types].join(
      " ",
    ),
  );
  return words.every((word) => text.includes(word));
}

function fold(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/\p{Mark}/gu, "")
    .toLowerCase();
}
