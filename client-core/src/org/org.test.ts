import {
  Duty,
  EMPTY_ROSTER,
  EventId,
  Member,
  memberStateKey,
  Policy,
  Profile,
  Role,
  RoomId,
  UserId,
} from "@hearth/protocol";
import { describe, expect, test } from "vitest";
import { isAdmin, isMember, members, nameOf, permissionsOfUser, projectOrg, requestManagers } from "./org.ts";
import { invitesView, memberRow, orgView } from "./orgViews.ts";
import { Team } from "../features/people/team.ts";
import type { RawEvent } from "../rooms/rawEvent.ts";
import { RoomState } from "../rooms/roomState.ts";
import { shouldJoin } from "../rooms/endpoints.ts";

const BOT = UserId.parse("@hearth-bot:hearth.localhost");
const ADMIN = UserId.parse("@example-admin:hearth.localhost");
const DISPATCHER = UserId.parse("@example-dispatcher:hearth.localhost");
const RESPONDER = UserId.parse("@example-responder:hearth.localhost");
const STRANGER = UserId.parse("@stranger:hearth.localhost");
const ROOM = RoomId.parse("!org");

let count = 0;
const state = (
  sender: UserId,
  type: string,
  state_key: string,
  content: Record<string, unknown>,
): RawEvent => ({
  event_id: EventId.parse(`$s${count++}`),
  type,
  sender,
  origin_server_ts: 1000,
  content,
  state_key,
});
const member = (userId: UserId, role: string, by: UserId = BOT) =>
  state(by, Member.type, memberStateKey(userId), { v: 1, joined_at: 100, roles: [{ role, from: 100 }] });

const base = [
  state(BOT, "m.room.create", "", { type: "org.hearth.org", "org.hearth.org_id": "example" }),
  state(BOT, Role.type, "admin", {
    v: 1,
    name: "Admin",
    versions: [{ from: 0, groups: [], everything: true }],
  }),
  state(BOT, Role.type, "dispatcher", {
    v: 1,
    name: "Dispatcher",
    versions: [{ from: 0, groups: ["manage_requests"] }],
  }),
  state(BOT, Role.type, "responder", {
    v: 1,
    name: "Responder",
    versions: [{ from: 0, groups: ["contribute_to_requests"] }],
  }),
  member(ADMIN, "admin"),
  member(DISPATCHER, "dispatcher"),
  member(RESPONDER, "responder"),
];
const org = (...more: RawEvent[]) => {
  const projected = projectOrg(ROOM, RoomState.of([...base, ...more]));
  if (!projected) throw new Error("the room is an org's");
  return projected;
};

describe("the organisation, as its state says", () => {
  test("[P9] what anybody but the bot wrote of members and roles does not count", () => {
    const forged = org(
      member(STRANGER, "admin", STRANGER),
      state(RESPONDER, Role.type, "mine", {
        v: 1,
        name: "Mine",
        versions: [{ from: 0, groups: [], everything: true }],
      }),
    );
    expect(isMember(forged, STRANGER, 500)).toBe(false);
    expect(permissionsOfUser(forged, STRANGER, 500).size).toBe(0);
    expect(orgView(forged, undefined).roles.map((role) => role.id)).not.toContain("mine");
  });

  test("[P9] a profile or a duty counts only from the person themselves", () => {
    const profile = (by: UserId) =>
      state(by, Profile.type, RESPONDER, { v: 1, display_name: "Example Responder" });
    expect(nameOf(org(profile(STRANGER)), RESPONDER)).toBe("example-responder");
    expect(nameOf(org(profile(RESPONDER)), RESPONDER)).toBe("Example Responder");
    const duty = state(STRANGER, Duty.type, RESPONDER, { v: 1, on_duty: true, since: 5 });
    expect(org(duty).duty.size).toBe(0);
  });

  test("content of the wrong form is left out, and nothing throws", () => {
    const odd = org(state(BOT, Member.type, memberStateKey(STRANGER), { v: 1, joined_at: "soon" }));
    expect(isMember(odd, STRANGER, 500)).toBe(false);
    expect(isMember(odd, RESPONDER, 500)).toBe(true);
  });

  test("admins and whoever may run requests are in every request", () => {
    expect(requestManagers(org(), 500).toSorted()).toEqual([ADMIN, DISPATCHER]);
    expect(isAdmin(org(), DISPATCHER, 500)).toBe(false);
  });

  test("[P2] the roles that the screen says read every request are those of whoever is brought into each", () => {
    const reading = orgView(org(), undefined)
      .roles.filter((role) => role.inEveryRequest)
      .map(({ id }) => id);
    expect(reading).toEqual(["admin", "dispatcher"]);
    const every = org();
    for (const { userId, content } of members(every))
      expect(requestManagers(every, 500).includes(userId)).toBe(
        content.roles.some(({ role }) => reading.includes(role)),
      );
  });

  test("the team list has people on duty first and those who left last", () => {
    const left = state(BOT, Member.type, memberStateKey(ADMIN), {
      v: 1,
      joined_at: 100,
      left_at: 200,
      roles: [],
    });
    const duty = state(RESPONDER, Duty.type, RESPONDER, { v: 1, on_duty: true, since: 5 });
    const team = new Team({
      me: RESPONDER,
      book: { org: org(left, duty), now: () => 500 },
      recipients: { identityOf: () => "none", rosterOf: () => ({ roster: "waiting" }) },
      roster: { roster: EMPTY_ROSTER, problem: undefined, code: undefined, toCompare: undefined },
    });
    const rows = team.make(undefined)?.members ?? [];
    expect(rows.map((row) => row.userId)).toEqual([RESPONDER, DISPATCHER, ADMIN]);
    expect(rows[0]).toMatchObject({ onDuty: true, dutySince: 5, isMe: true, identity: "fine" });
    expect(rows[2]).toMatchObject({ former: true, roles: [] });
  });

  test("an invite that nobody used in time is expired", () => {
    const invite = state(BOT, "org.hearth.invite", "AAAAAAAAAAAAAAAAAAAAAA", {
      v: 1,
      secret_hash: "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU",
      roles: ["responder"],
      created_by: ADMIN,
      created_at: 100,
      expires_at: 400,
      status: "pending",
    });
    expect(invitesView(org(invite), 300).invites[0]?.status).toBe("pending");
    expect(invitesView(org(invite), 500).invites[0]?.status).toBe("expired");
  });
});

describe("joining without being asked", () => {
  const invited = (type: string, by: UserId, orgId = "example") => [
    { type: "m.room.create", state_key: "", sender: by, content: { type, "org.hearth.org_id": orgId } },
    { type: "m.room.member", state_key: RESPONDER, sender: by, content: { membership: "invite" } },
  ];
  const joins = (inviteState: readonly unknown[], known = true) =>
    shouldJoin(inviteState, RESPONDER, BOT, known ? org() : undefined, 500);

  test.each([
    ["a request, by a member", invited("org.hearth.request", DISPATCHER), true],
    ["a request, by the bot", invited("org.hearth.request", BOT), true],
    ["a request, by a stranger", invited("org.hearth.request", STRANGER), false],
    ["a request of another organisation", invited("org.hearth.request", DISPATCHER, "other"), false],
    ["the admins' room, by the bot", invited("org.hearth.admin", BOT), true],
    ["an admins' room, by a member", invited("org.hearth.admin", DISPATCHER), false],
    ["another organisation, by the bot", invited("org.hearth.org", BOT, "other"), false],
    ["an onboarding room", invited("org.hearth.onboarding", DISPATCHER), false],
    ["a room of no type of ours", invited("m.space", DISPATCHER), false],
    ["nothing that makes sense", [null, 7, { type: "m.room.create" }], false],
  ])("%s", (_, inviteState, expected) => {
    expect(joins(inviteState)).toBe(expected);
  });

  test("before the organisation is known: its own room by the bot, and nothing else", () => {
    expect(joins(invited("org.hearth.org", BOT), false)).toBe(true);
    expect(joins(invited("org.hearth.org", STRANGER), false)).toBe(false);
    expect(joins(invited("org.hearth.request", DISPATCHER), false)).toBe(false);
  });
});

test("[T5] what a newer version wrote of the organisation is left out, and the page says so", () => {
  expect(orgView(org(), undefined).incomplete).toBeUndefined();
  const newer = org(
    state(BOT, Role.type, "medic", { v: 2, title: "Medic" }),
    state(BOT, Policy.type, "", { v: 7 }),
    // Who may not write it claims nothing.
    state(STRANGER, Member.type, memberStateKey(STRANGER), { v: 99 }),
  );
  const view = orgView(newer, undefined);
  expect(view.roles.map(({ id }) => id)).not.toContain("medic");
  expect(view.incomplete).toMatch(/newer version of Hearth.*: What the organisation has decided; Role\. Ask/);
});

test("[T5] what a newer version wrote of a person is left out, and their row says so", () => {
  const newer = org(state(RESPONDER, Profile.type, RESPONDER, { v: 2, names: ["Rio"] }));
  const row = (userId: UserId) =>
    memberRow(newer, userId, 1000, {
      me: ADMIN,
      recipients: { identityOf: () => "none", rosterOf: () => ({ roster: "waiting" }) },
      roster: { roster: EMPTY_ROSTER, problem: undefined, code: undefined, toCompare: undefined },
    });
  expect(row(RESPONDER)).toMatchObject({ name: "example-responder", incomplete: true });
  expect(row(DISPATCHER)?.incomplete).toBeUndefined();
  expect(orgView(newer, undefined).incomplete).toBeUndefined();
});
