import type { MemberRow } from "@hearth/client-core/contract.ts";
import { describe, expect, it } from "vitest";
import { pickable } from "./people.ts";

const member = (name: string, more: Partial<MemberRow> = {}): MemberRow => ({
  userId: `@${name.toLowerCase()}:example.org`,
  name,
  colour: "#000000",
  roles: ["responder"],
  onDuty: false,
  former: false,
  isMe: false,
  identity: "fine",
  roster: "listed",
  ...more,
});

describe("who can be picked for a request", () => {
  const members = [
    member("Anna"),
    member("Bo", { onDuty: true, roles: ["dispatcher"] }),
    member("Cleo", { former: true }),
    member("Dan", { isMe: true }),
    member("Eve"),
  ];
  const names = (without: string[], search: string, role: string) =>
    pickable(members, new Set(without), { search, role }).map((each) => each.name);

  it("on duty first, and neither oneself, nor former members, nor who is there already", () => {
    expect(names([], "", "any")).toEqual(["Bo", "Anna", "Eve"]);
    expect(names(["@anna:example.org"], "", "any")).toEqual(["Bo", "Eve"]);
  });

  it("by role and by a part of the name", () => {
    expect(names([], "", "dispatcher")).toEqual(["Bo"]);
    expect(names([], "EV", "any")).toEqual(["Eve"]);
  });
});
