import { describe, expect, it } from "vitest";
import type { RawEvent } from "../homeserver.ts";
import { readOrgState } from "../org/state.ts";
import { admin, BOT, dispatcher, ORG, orgEvents, outsider, roomEvents } from "../testing/org.ts";
import { whyNotAdopt } from "./adoption.ts";
import { readRoom } from "./view.ts";

const org = readOrgState(orgEvents(), BOT);
const people = { [dispatcher]: "join", [BOT]: "invite" };
const request = () => roomEvents("org.hearth.request", dispatcher, people);

function judge(events: readonly RawEvent[], orgId = ORG): string | undefined {
  const room = readRoom("!room" as never, events);
  return room ? whyNotAdopt(room, org, orgId, BOT) : "no room";
}

const change = (type: string, content: Record<string, unknown>) =>
  request().map((each) =>
    each.type === type ? { ...each, content: { ...each.content, ...content } } : each,
  );

describe("whyNotAdopt", () => {
  it("takes a room from the template", () => {
    expect(judge(request())).toBeUndefined();
    expect(
      judge(roomEvents("org.hearth.onboarding", outsider, { [outsider]: "join", [BOT]: "invite" })),
    ).toBeUndefined();
  });

  it.each([
    ["another org", change("m.room.create", { "org.hearth.org_id": "other" })],
    ["a type that only the bot makes", change("m.room.create", { type: "org.hearth.map" })],
    ["no additional creator", change("m.room.create", { additional_creators: [] })],
    ["a third creator", change("m.room.create", { additional_creators: [BOT, admin] })],
    ["an open door", change("m.room.join_rules", { join_rule: "public" })],
    ["readable by the world", change("m.room.history_visibility", { history_visibility: "world_readable" })],
    ["another algorithm", change("m.room.encryption", { algorithm: "m.none" })],
    ["no encryption", request().filter(({ type }) => type !== "m.room.encryption")],
    ["no retention", request().filter(({ type }) => type !== "m.room.retention")],
    ["other powers", change("m.room.power_levels", { state_default: 0 })],
    ["a maker who never was a member", roomEvents("org.hearth.request", outsider, { [outsider]: "join" })],
    [
      "company in an onboarding room",
      roomEvents("org.hearth.onboarding", outsider, {
        [outsider]: "join",
        [admin]: "invite",
        [BOT]: "invite",
      }),
    ],
    ["no create event", request().filter(({ type }) => type !== "m.room.create")],
  ])("declines %s", (_what, events) => {
    expect(judge(events)).toEqual(expect.any(String));
  });
});
