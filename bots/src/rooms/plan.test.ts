import { describe, expect, it } from "vitest";
import { readOrgState } from "../org/state.ts";
import { admin, BOT, dispatcher, NOW, orgEvents, outsider, responder, roomEvents } from "../testing/org.ts";
import { planRoom } from "./plan.ts";
import { readRoom } from "./view.ts";
import type { RoomView } from "./view.ts";

const org = readOrgState(orgEvents(), BOT);

function room(type: RoomView["type"], members: Record<string, string>, powers = {}): RoomView {
  const view = readRoom("!room" as RoomView["id"], roomEvents(type, dispatcher, members, powers));
  if (!view) throw new Error("not a room");
  return view;
}

describe("planRoom", () => {
  it("gives a request room its admins and powers, never listing its creators", () => {
    const plan = planRoom(room("org.hearth.request", { [dispatcher]: "join", [BOT]: "join" }), org, BOT, NOW);
    expect(plan).toEqual([
      { do: "powers", content: expect.objectContaining({ users: { [admin]: 50 } }) },
      { do: "invite", user: admin },
    ]);
  });

  it("has nothing to do when it is done", () => {
    const done = room(
      "org.hearth.request",
      { [dispatcher]: "join", [BOT]: "join", [admin]: "invite" },
      { [admin]: 50 },
    );
    expect(planRoom(done, org, BOT, NOW)).toEqual([]);
  });

  it("lists who manages requests at 25 where somebody else made the room", () => {
    const view = { ...room("org.hearth.channel", { [BOT]: "join" }), creators: new Set([responder, BOT]) };
    expect(planRoom(view, org, BOT, NOW)[0]).toMatchObject({
      content: { users: { [admin]: 50, [dispatcher]: 25 } },
    });
  });

  it("removes who is no member, and leaves in the name of a creator", () => {
    const left = readOrgState(orgEvents({ [dispatcher]: { left_at: NOW - 1 } }), BOT);
    const members = { [dispatcher]: "join", [outsider]: "invite", [BOT]: "join", [admin]: "join" };
    const plan = planRoom(room("org.hearth.request", members, { [admin]: 50 }), left, BOT, NOW);
    expect(plan).toEqual([
      { do: "leave as", user: dispatcher },
      { do: "remove", user: outsider },
    ]);
  });

  it("leaves a direct room to its people", () => {
    const members = { [dispatcher]: "join", [responder]: "join", [BOT]: "join" };
    expect(planRoom(room("org.hearth.direct", members), org, BOT, NOW)).toEqual([]);
  });

  it("keeps the admin room to admins, and the org room to members", () => {
    const members = { [BOT]: "join", [dispatcher]: "join" };
    expect(
      planRoom({ ...room("org.hearth.admin", members), creators: new Set([BOT]) }, org, BOT, NOW),
    ).toEqual([
      { do: "remove", user: dispatcher },
      { do: "invite", user: admin },
    ]);
    expect(planRoom({ ...room("org.hearth.org", members), creators: new Set([BOT]) }, org, BOT, NOW)).toEqual(
      [
        { do: "invite", user: admin },
        { do: "invite", user: responder },
      ],
    );
  });

  it("does not invite who is banned", () => {
    const members = { [dispatcher]: "join", [BOT]: "join", [admin]: "ban" };
    expect(planRoom(room("org.hearth.request", members, { [admin]: 50 }), org, BOT, NOW)).toEqual([]);
  });
});
