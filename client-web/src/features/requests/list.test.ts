import type { RequestRow } from "@hearth/client-core/contract.ts";
import { STATUS_LABELS, type RequestStatus } from "@hearth/protocol";
import { describe, expect, it } from "vitest";
import { arrange } from "./list.ts";

function row(
  id: string,
  openedAt: number,
  status: RequestStatus,
  more: Partial<RequestRow> = {},
): RequestRow {
  return {
    roomId: id,
    displayId: id,
    title: `title of ${id}`,
    status,
    statusLabel: STATUS_LABELS[status],
    types: [],
    openedAt,
    lastActivityAt: openedAt,
    closed: status === "closed",
    mine: false,
    unread: 0,
    sending: false,
    ...more,
  };
}
const rows = [
  row("a", 1, "on_site", { priority: "non_urgent" }),
  row("b", 2, "unassigned", { location: "Café Zürich" }),
  row("c", 3, "closed", { priority: "critical" }),
  row("d", 4, "finished", { priority: "urgent" }),
  row("e", 5, "on_the_way", { priority: "critical" }),
];
const ids = (tab: "active" | "closed" | "all", sort: "newest" | "status" | "priority", search = "") =>
  arrange(rows, { tab, sort, search })
    .map((each) => each.roomId)
    .join("");

describe("the request list", () => {
  it("splits by tab", () => {
    expect(ids("active", "newest")).toBe("edba");
    expect(ids("closed", "newest")).toBe("c");
    expect(ids("all", "newest")).toBe("edcba");
  });

  it("puts what needs somebody first", () => {
    expect(ids("all", "status")).toBe("beadc");
    expect(ids("all", "priority")).toBe("ecdba");
  });

  it("finds every word, whatever the accents and letters' size", () => {
    expect(ids("all", "newest", "cafe ZURICH")).toBe("b");
    expect(ids("all", "newest", "cafe nowhere")).toBe("");
  });

  it("leaves what it was given alone", () => {
    const before = rows.map((each) => each.roomId).join("");
    arrange(rows, { tab: "all", sort: "status", search: "" });
    expect(rows.map((each) => each.roomId).join("")).toBe(before);
  });
});
