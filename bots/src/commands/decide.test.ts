import { COMMANDS } from "@hearth/protocol";
import type { CommandName, RoomType, UserId } from "@hearth/protocol";
import { describe, expect, it } from "vitest";
import type { RawEvent } from "../homeserver.ts";
import { readRoom } from "../rooms/view.ts";
import { registrationToken, secretHash } from "../secrets.ts";
import {
  admin,
  BOT,
  dispatcher,
  event,
  INVITE,
  inviteContent,
  JOINED,
  NOW,
  orgEvents,
  outsider,
  responder,
  roomEvents,
  SECRET,
  situation,
} from "../testing/org.ts";
import { after } from "../testing/decided.ts";
import { decide } from "./decide.ts";
import type { Decision } from "./decide.ts";
import type { Situation } from "./implementation.ts";
import { implementationOf, IMPLEMENTED } from "./registry.ts";

function run(
  actor: UserId,
  name: CommandName | (string & {}),
  args: unknown,
  more: {
    events?: RawEvent[];
    roomType?: RoomType;
    begun?: boolean;
    at?: number;
    company?: UserId;
    shortTimes?: boolean;
  } = {},
) {
  const at = more.at ?? NOW;
  const people = { [actor]: "join", [BOT]: "join", ...(more.company ? { [more.company]: "join" } : {}) };
  const given: Situation = {
    ...situation(actor, more.events),
    at,
    onboarding: readRoom(
      "!new" as Situation["orgRoomId"],
      roomEvents("org.hearth.onboarding", actor, people),
    ),
    shortTimes: more.shortTimes ?? false,
    tokenFor: (invite) => registrationToken("secret", invite),
  };
  const roomType = more.roomType ?? (name === "invite accept" ? "org.hearth.onboarding" : "org.hearth.org");
  return decide({ name, args, roomType, begun: more.begun ?? false }, given);
}

const code = (outcome: ReturnType<typeof run>) => (outcome.ok ? "done" : outcome.code);

const stateWrites = (outcome: ReturnType<typeof run>) =>
  outcome.ok ? outcome.plan.effects.filter((effect) => effect.do === "org state") : [];

describe("the registry", () => {
  it("implements each command of the protocol, and nothing else", () => {
    const names = Object.keys(COMMANDS) as CommandName[];
    for (const name of names) expect(implementationOf(name)).toHaveProperty("plan");
    const plain = names.filter((name) => "writes" in COMMANDS[name]);
    expect([...IMPLEMENTED, ...plain].toSorted()).toEqual(names.toSorted());
  });
});

describe("[P9] decide", () => {
  it("refuses what is unknown, in the wrong room, malformed, or from no member, in this order", () => {
    expect(code(run(admin, "fly", {}))).toBe("unknown_command");
    expect(code(run(admin, "toString", {}))).toBe("unknown_command");
    expect(code(run(admin, "role grant", {}, { roomType: "org.hearth.onboarding" }))).toBe("wrong_room");
    expect(code(run(admin, "role grant", {}, { roomType: "org.hearth.request" }))).toBe("wrong_room");
    expect(code(run(outsider, "role grant", { user: 1 }))).toBe("bad_arguments");
    expect(code(run(outsider, "policy show", {}))).toBe("not_permitted");
  });

  it.each<[CommandName, unknown]>([
    ["invite create", { invite: INVITE, secret_hash: secretHash("x"), roles: [] }],
    ["invite list", {}],
    ["invite revoke", { invite: INVITE }],
    ["role grant", { user: responder, role: "dispatcher" }],
    ["role revoke", { user: responder, role: "responder" }],
    ["member remove", { user: dispatcher }],
    ["policy set", { name: "Mine" }],
  ])("refuses %s without the permission", (name, args) => {
    expect(code(run(responder, name, args))).toBe("not_permitted");
  });

  it("judges by the permissions of now", () => {
    const demoted = orgEvents({ [admin]: { roles: [{ role: "admin", from: JOINED, to: NOW - 1 }] } });
    expect(code(run(admin, "policy set", { name: "Late" }, { events: demoted, at: NOW - 10 }))).toBe(
      "not_permitted",
    );
  });

  it("carries on what was begun, whatever it changed: one who leaves is not stopped half-way", () => {
    const twoAdmins = orgEvents({ [responder]: { roles: [{ role: "admin", from: JOINED }] } });
    const first = run(admin, "member remove", { user: admin }, { events: twoAdmins });
    const half = after(first, twoAdmins);
    expect(code(run(admin, "member remove", { user: admin }, { events: half }))).toBe("not_permitted");
    const again = run(admin, "member remove", { user: admin }, { events: half, begun: true });
    expect((again as Decision).plan.effects).toEqual((first as Decision).plan.effects);
  });

  it.each<[CommandName, unknown, UserId]>([
    ["role grant", { user: responder, role: "dispatcher" }, admin],
    ["policy set", { lease: "PT10H" }, admin],
    ["member remove", { user: dispatcher }, admin],
    ["invite revoke", { invite: INVITE }, admin],
    ["invite accept", { invite: INVITE, secret: SECRET }, outsider],
  ])("planned again after it was done, %s writes the same", (name, args, actor) => {
    const events = after(run(actor, name, args));
    const again = run(actor, name, args, { events, begun: true });
    const state = (list: RawEvent[]) =>
      Object.fromEntries(list.map((each) => [`${each.type} ${each.state_key}`, each.content]));
    expect(state(after(again, events))).toEqual(state(events));
  });
});

describe("roles", () => {
  it("only an admin makes an admin, or takes it", () => {
    const managers = orgEvents({ [dispatcher]: { roles: [{ role: "manager", from: JOINED }] } });
    managers.push(
      event(
        BOT,
        "org.hearth.role",
        { v: 1, name: "Manager", versions: [{ from: 0, groups: ["manage_team"] }] },
        { key: "manager" },
      ),
    );
    const as = (name: CommandName, args: unknown) => code(run(dispatcher, name, args, { events: managers }));
    expect(as("role grant", { user: responder, role: "dispatcher" })).toBe("done");
    expect(as("role grant", { user: dispatcher, role: "admin" })).toBe("not_permitted");
    expect(as("role revoke", { user: admin, role: "admin" })).toBe("not_permitted");
    expect(as("member remove", { user: admin })).toBe("not_permitted");
    expect(
      as("invite create", { invite: "A".repeat(22), secret_hash: secretHash("x"), roles: ["admin"] }),
    ).toBe("not_permitted");
  });

  it("the last admin stays, however it is tried", () => {
    expect(code(run(admin, "role revoke", { user: admin, role: "admin" }))).toBe("last_admin");
    expect(code(run(admin, "member remove", { user: admin }))).toBe("last_admin");
  });

  it("keep their history, in order, also when the server's clock ran back", () => {
    const revoked = after(run(admin, "role revoke", { user: responder, role: "responder" }));
    const granted = run(
      admin,
      "role grant",
      { user: responder, role: "responder" },
      { events: revoked, at: NOW - 1000 },
    );
    expect(stateWrites(granted)[0]?.content["roles"]).toEqual([
      { role: "responder", from: JOINED, to: NOW },
      { role: "responder", from: NOW },
    ]);
  });

  it("that are unknown or everybody's, and people who are unknown or gone, are refused", () => {
    expect(code(run(admin, "role grant", { user: responder, role: "chef" }))).toBe("not_found");
    expect(code(run(admin, "role grant", { user: responder, role: "anyone" }))).toBe("bad_arguments");
    expect(code(run(admin, "role grant", { user: outsider, role: "responder" }))).toBe("not_found");
    const gone = orgEvents({ [responder]: { left_at: NOW - 5 } });
    expect(code(run(admin, "role grant", { user: responder, role: "responder" }, { events: gone }))).toBe(
      "not_found",
    );
  });

  it("granted twice, change nothing the second time", () => {
    expect(stateWrites(run(admin, "role grant", { user: responder, role: "responder" }))).toEqual([]);
  });
});

describe("an invite", () => {
  const accept = (who: UserId, args: object, more: Parameters<typeof run>[3] = {}) =>
    run(who, "invite accept", { invite: INVITE, secret: SECRET, ...args }, more);
  const invites = (changes: Record<string, unknown>) => [
    ...orgEvents().filter(({ type }) => type !== "org.hearth.invite"),
    event(BOT, "org.hearth.invite", inviteContent(changes), { key: INVITE }),
  ];

  it("makes a member with its roles, from the time of asking, and can then not be used again", () => {
    const outcome = accept(outsider, {}, { at: NOW - 7 });
    expect(stateWrites(outcome).map(({ content }) => content)).toEqual([
      expect.objectContaining({ status: "accepted", accepted_by: outsider }),
      { v: 1, joined_at: NOW - 7, roles: [{ role: "responder", from: NOW - 7 }] },
    ]);
    const another = "@another:example.test" as UserId;
    expect(code(accept(another, {}, { events: after(outcome) }))).toBe("conflict");
    expect(code(accept(outsider, {}, { events: after(outcome) }))).toBe("done");
  });

  it("is refused with a wrong secret, whether or not it exists", () => {
    const wrong = accept(outsider, { secret: "t".repeat(43) });
    const none = accept(outsider, { invite: "A".repeat(22) });
    expect([code(wrong), code(none)]).toEqual(["wrong_secret", "wrong_secret"]);
    expect(wrong).toEqual(none);
  });

  it.each([
    ["run out", "expired", invites({ expires_at: NOW })],
    ["withdrawn", "expired", invites({ status: "revoked" })],
    ["used", "conflict", invites({ status: "accepted", accepted_by: responder })],
    ["by somebody who may no longer invite", "expired", invites({ created_by: responder })],
    [
      "by somebody who may not give its roles",
      "expired",
      invites({ created_by: dispatcher, roles: ["admin"] }),
    ],
    ["by the operator", "done", invites({ created_by: BOT, roles: ["admin"] })],
  ])("that is %s: %s", (_what, expected, events) => {
    expect(code(accept(outsider, {}, { events }))).toBe(expected);
  });

  it("counts the time of asking, so that bots that were away cost nobody their invite", () => {
    expect(code(accept(outsider, {}, { events: invites({ expires_at: NOW - 1 }), at: NOW - 2 }))).toBe(
      "done",
    );
  });

  it("is accepted alone with the bot, and by nobody who is or was a member", () => {
    expect(code(accept(outsider, {}, { company: responder }))).toBe("wrong_room");
    expect(code(accept(responder, {}))).toBe("conflict");
    const gone = orgEvents({ [responder]: { left_at: NOW - 5 } });
    expect(code(accept(responder, {}, { events: gone }))).toBe("conflict");
  });

  it("leaves no secret in the audit", () => {
    const outcome = accept(outsider, {});
    expect(outcome.ok && outcome.auditArgs).toEqual({ invite: INVITE });
  });

  it("made again with the same id is the same, and with another secret a conflict", () => {
    const args = { invite: "B".repeat(22), secret_hash: secretHash("x"), roles: ["responder"] };
    const first = run(admin, "invite create", args);
    const events = after(first);
    const again = run(admin, "invite create", args, { events });
    expect(again.ok && again.plan.data).toEqual(first.ok && first.plan.data);
    expect(code(run(admin, "invite create", { ...args, secret_hash: secretHash("y") }, { events }))).toBe(
      "conflict",
    );
  });

  it("shows in the list without its secret's hash", () => {
    const outcome = run(admin, "invite list", {});
    expect(outcome.ok && outcome.plan.data).toEqual({
      invites: [expect.objectContaining({ invite: INVITE, status: "pending" })],
    });
    expect(JSON.stringify(outcome)).not.toContain(secretHash(SECRET));
  });
});

describe("the policy", () => {
  it("is checked as a whole, with a sentence that says what is wrong", () => {
    const outcome = run(admin, "policy set", { key_window: "P90D" });
    expect(outcome).toMatchObject({ code: "bad_arguments" });
    expect(outcome.ok ? "" : outcome.message).toContain("key_window must be shorter than retention");
    expect(code(run(admin, "policy set", {}))).toBe("bad_arguments");
  });

  it("[P7] names no time so short that a slip would cost everybody their keys, save where Hearth is tried out", () => {
    const slip = { lease: "PT1S", name: "North" };
    const refused = run(admin, "policy set", slip);
    expect(refused).toMatchObject({ code: "bad_arguments" });
    expect(refused.ok ? "" : refused.message).toMatch(
      /^Nothing was changed: lease must be PT1H or longer, because .* HEARTH_SHORT_TIMES=1\.$/,
    );
    const tried = run(admin, "policy set", slip, { shortTimes: true });
    expect(code(tried)).toBe("done");
    // Whoever came by such a policy is not kept from mending the rest of it.
    expect(code(run(admin, "policy set", { name: "South" }, { events: after(tried) }))).toBe("done");
    expect(code(run(admin, "policy set", { lease: "PT10H" }, { events: after(tried) }))).toBe("done");
  });

  it("is shown to every member, in words too", () => {
    const outcome = run(responder, "policy show", {});
    expect(outcome.ok && outcome.text).toContain("key_window: P14D");
    expect(outcome.ok && outcome.auditArgs).toBe(undefined);
  });
});

describe("help", () => {
  it("lists what can be typed, or explains one command", () => {
    const all = run(admin, "help", {}, { roomType: "org.hearth.admin" });
    expect(all.ok && all.text).toContain("!hearth invite create");
    const one = run(admin, "help", { command: "role" });
    expect(one.ok && one.text.split("\n")).toHaveLength(2);
    expect(code(run(admin, "help", { command: "fly" }))).toBe("not_found");
  });
});
