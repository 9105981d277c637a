// A small org for unit tests, as the homeserver would tell its state.
import {
  EventId,
  InviteId,
  Invite,
  Member,
  memberStateKey,
  OrgId,
  RoomId,
  sensitivePowerLevels,
  sensitiveRoom,
  UserId,
} from "@hearth/protocol";
import type { RoomType } from "@hearth/protocol";
import type { Situation } from "../commands/implementation.ts";
import type { RawEvent } from "../homeserver.ts";
import { readOrgState } from "../org/state.ts";
import { secretHash } from "../secrets.ts";
import { planOrgState } from "../setup.ts";

export const BOT = UserId.parse("@hearth-bot:example.test");
export const admin = UserId.parse("@admin:example.test");
export const dispatcher = UserId.parse("@dispatcher:example.test");
export const responder = UserId.parse("@responder:example.test");
export const outsider = UserId.parse("@outsider:example.test");
export const ORG = OrgId.parse("team");
export const NOW = 1_800_000_000_000;
export const JOINED = NOW - 86_400_000;
export const INVITE = InviteId.parse("inviteinviteinviteinvi");
export const SECRET = "s".repeat(43);

let events = 0;

export function event(
  sender: UserId,
  type: string,
  content: Readonly<Record<string, unknown>>,
  more: { key?: string; at?: number } = {},
): RawEvent {
  return {
    event_id: EventId.parse(`$event${(events += 1)}`),
    type,
    sender,
    origin_server_ts: more.at ?? NOW,
    content,
    ...(more.key === undefined ? {} : { state_key: more.key }),
  };
}

const people: Record<UserId, string> = {
  [admin]: "admin",
  [dispatcher]: "dispatcher",
  [responder]: "responder",
};

/** The org room's state: what setup writes, three members with a role each, and one open invite by the admin. */
export function orgEvents(changes: Partial<Record<UserId, Record<string, unknown>>> = {}): RawEvent[] {
  return [
    ...planOrgState(new Set(), "Team").map(({ type, key, content }) => event(BOT, type, content, { key })),
    ...Object.entries(people).map(([user, role]) =>
      event(
        BOT,
        Member.type,
        { v: 1, joined_at: JOINED, roles: [{ role, from: JOINED }], ...changes[user as UserId] },
        { key: memberStateKey(user as UserId) },
      ),
    ),
    event(BOT, Invite.type, inviteContent(), { key: INVITE }),
  ];
}

export function inviteContent(changes: Record<string, unknown> = {}) {
  return {
    v: 1,
    secret_hash: secretHash(SECRET),
    roles: ["responder"],
    created_by: admin,
    created_at: JOINED,
    expires_at: NOW + 1000,
    status: "pending",
    ...changes,
  };
}

/** Somebody gives a command now, in an org in this state. */
export function situation(actor: UserId, state: readonly RawEvent[] = orgEvents()): Situation {
  return {
    actor,
    at: NOW,
    now: NOW,
    org: readOrgState([...state], BOT),
    orgId: ORG,
    orgRoomId: RoomId.parse("!org"),
    botUserId: BOT,
    onboarding: undefined,
    shortTimes: false,
    tokenFor: () => "",
  };
}

/** The state of a room that a client made from the template. */
export function roomEvents(
  type: RoomType,
  creator: UserId,
  members: Readonly<Record<string, string>>,
  powers: Record<UserId, number> = {},
): RawEvent[] {
  const body = sensitiveRoom({
    type: type as "org.hearth.request",
    orgId: ORG,
    botUserId: BOT,
    retentionMs: 1000,
    invite: [],
  });
  const encrypted = type !== "org.hearth.onboarding";
  return [
    event(creator, "m.room.create", { ...body.creation_content, room_version: "12" }, { key: "" }),
    ...body.initial_state
      .filter((each) => encrypted || !["m.room.encryption", "m.room.retention"].includes(each.type))
      .map((each) => event(creator, each.type, each.content, { key: each.state_key })),
    event(creator, "m.room.power_levels", { ...sensitivePowerLevels(powers), historical: 100 }, { key: "" }),
    ...Object.entries(members).map(([user, membership]) =>
      event(user as UserId, "m.room.member", { membership }, { key: user }),
    ),
  ];
}
