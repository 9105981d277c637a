import { expect, test } from "vitest";
import type { OrgId, UserId } from "../ids.ts";
import { readCreateEvent } from "./create.ts";
import { botRoom, mapRoom, onboardingRoom, sensitiveRoom, type CreateRoomBody } from "./template.ts";
import { isSensitive, ROOM_TYPES, type RoomType } from "./types.ts";

const orgId = "north" as OrgId;
const botUserId = "@hearth-bot:x" as UserId;
const sam = "@sam:x" as UserId;
const made = (type: "org.hearth.request" | "org.hearth.channel" | "org.hearth.direct") =>
  sensitiveRoom({ type, orgId, botUserId, retentionMs: 1000, invite: [sam, botUserId, sam] });

const TEMPLATES: Record<RoomType, CreateRoomBody> = {
  "org.hearth.org": botRoom({ type: "org.hearth.org", orgId }),
  "org.hearth.admin": botRoom({ type: "org.hearth.admin", orgId }),
  "org.hearth.request": made("org.hearth.request"),
  "org.hearth.channel": made("org.hearth.channel"),
  "org.hearth.direct": made("org.hearth.direct"),
  "org.hearth.map": mapRoom({ orgId, retentionMs: 1000 }),
  "org.hearth.onboarding": onboardingRoom({ orgId, botUserId }),
};
const all = Object.entries(TEMPLATES) as [RoomType, CreateRoomBody][];
const stateOf = (body: CreateRoomBody) =>
  Object.fromEntries(body.initial_state.map(({ type, content }) => [type, content]));

test.each(all)("[R1] %s says what it is and whose", (type, { creation_content }) => {
  expect(readCreateEvent({ ...creation_content, room_version: "12" })).toEqual({ type, orgId });
});

test("[R1] a room without type or org is none of ours", () => {
  for (const content of [
    undefined,
    {},
    { type: "org.hearth.org" },
    { type: "m.space", "org.hearth.org_id": "x" },
  ])
    expect(readCreateEvent(content)).toBeUndefined();
});

test.each(all)("[R2] %s has its template's exact parts", (type, body) => {
  expect(Object.keys(body).toSorted()).toEqual([
    "creation_content",
    "initial_state",
    "invite",
    "power_level_content_override",
    "room_version",
    "visibility",
  ]);
  expect([body.room_version, body.visibility, body.creation_content["m.federate"]]).toEqual([
    "12",
    "private",
    false,
  ]);
  expect(body.initial_state.every(({ state_key }) => state_key === "")).toBe(true);
  const sensitive = {
    "m.room.encryption": { algorithm: "m.megolm.v1.aes-sha2" },
    "m.room.retention": { max_lifetime: 1000 },
  };
  expect(stateOf(body)).toEqual({
    ...(isSensitive(type) ? sensitive : {}),
    "m.room.guest_access": { guest_access: "forbidden" },
    "m.room.history_visibility": { history_visibility: "shared" },
    "m.room.join_rules": { join_rule: "invite" },
  });
});

test.each(all)(
  "[R3] in %s the bot is an additional creator and invited if a client made it",
  (type, body) => {
    const byClient = ROOM_TYPES[type].createdBy === "client";
    expect(body.creation_content.additional_creators).toEqual(byClient ? [botUserId] : undefined);
    expect(body.invite.filter((userId) => userId === botUserId)).toHaveLength(byClient ? 1 : 0);
    expect(body.invite).toHaveLength(new Set(body.invite).size);
    expect(body.power_level_content_override.users).toEqual({});
  },
);

test("[R2] members write in org and admin rooms what they may, and state nowhere but their own", () => {
  const { power_level_content_override: org } = TEMPLATES["org.hearth.org"];
  expect([
    org.events_default,
    org.events["org.hearth.command"],
    org.events["org.hearth.role"] ?? org.state_default,
  ]).toEqual([50, 0, 100]);
});
