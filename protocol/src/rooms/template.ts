import type { OrgId, UserId } from "../ids.ts";
import type { RoomType } from "./types.ts";

/**
 * The exact bodies of `POST /createRoom` (and of power levels afterwards). The homeserver's module refuses any
 * other, so these functions and `synapse-config/module/hearth_policy/templates.py` must say the same; an
 * integration test holds them against each other.
 */
type ClientRoomType = "org.hearth.request" | "org.hearth.channel" | "org.hearth.direct";

export type CreateRoomBody = {
  room_version: "12";
  visibility: "private";
  creation_content: {
    type: RoomType;
    "org.hearth.org_id": OrgId;
    "m.federate": false;
    additional_creators?: UserId[];
  };
  initial_state: { type: string; state_key: ""; content: Record<string, unknown> }[];
  power_level_content_override: PowerLevels;
  invite: UserId[];
};

export type PowerLevels = {
  users: Record<UserId, number>;
  users_default: 0;
  events_default: number;
  state_default: 100;
  invite: number;
  kick: 50;
  ban: 100;
  redact: 50;
  events: Record<string, number>;
  notifications: { room: 100 };
};

/** An admin's power in a sensitive room: may remove people. */
export const ADMIN_POWER = 50;
/** The power of people who may manage or close requests: may invite, open and close. */
export const MANAGER_POWER = 25;

const TEMPLATE_STATE_POWER = {
  "m.room.power_levels": 100,
  "m.room.retention": 100,
  "m.room.join_rules": 100,
  "m.room.history_visibility": 100,
  "m.room.encryption": 100,
  "m.room.guest_access": 100,
};

/** Power levels of a sensitive room. Creators (the bot among them) are above all of it and never listed. */
export function sensitivePowerLevels(users: Record<UserId, number> = {}): PowerLevels {
  return {
    users,
    users_default: 0,
    events_default: 0,
    state_default: 100,
    invite: MANAGER_POWER,
    kick: 50,
    ban: 100,
    redact: 50,
    events: { "org.hearth.lifecycle": MANAGER_POWER, ...TEMPLATE_STATE_POWER },
    notifications: { room: 100 },
  };
}

const state = (type: string, content: Record<string, unknown>) => ({ type, state_key: "" as const, content });

const closedDoors = () => [
  state("m.room.guest_access", { guest_access: "forbidden" }),
  state("m.room.history_visibility", { history_visibility: "shared" }),
  state("m.room.join_rules", { join_rule: "invite" }),
];

/**
 * A room that a client makes for sensitive data.
 * @param retentionMs the org's retention (Y) in milliseconds, for Synapse's own engine
 * @param invite the people to invite; the bot is added, so that it can adopt the room
 */
export function sensitiveRoom(options: {
  type: ClientRoomType;
  orgId: OrgId;
  botUserId: UserId;
  retentionMs: number;
  invite: readonly UserId[];
}): CreateRoomBody {
  return {
    room_version: "12",
    visibility: "private",
    creation_content: {
      type: options.type,
      "org.hearth.org_id": options.orgId,
      "m.federate": false,
      additional_creators: [options.botUserId],
    },
    initial_state: [
      state("m.room.encryption", { algorithm: "m.megolm.v1.aes-sha2" }),
      ...closedDoors(),
      state("m.room.retention", { max_lifetime: options.retentionMs }),
    ],
    power_level_content_override: sensitivePowerLevels(),
    invite: [...new Set([options.botUserId, ...options.invite])],
  };
}

/** The team map: as sensitive as a request, but made by the bot, its only creator. */
export function mapRoom(options: { orgId: OrgId; retentionMs: number }): CreateRoomBody {
  return {
    room_version: "12",
    visibility: "private",
    creation_content: { type: "org.hearth.map", "org.hearth.org_id": options.orgId, "m.federate": false },
    initial_state: [
      state("m.room.encryption", { algorithm: "m.megolm.v1.aes-sha2" }),
      ...closedDoors(),
      state("m.room.retention", { max_lifetime: options.retentionMs }),
    ],
    power_level_content_override: sensitivePowerLevels(),
    invite: [],
  };
}

/** Where a newcomer tells the bot the invite's secret: the two of them and nobody else. */
export function onboardingRoom(options: { orgId: OrgId; botUserId: UserId }): CreateRoomBody {
  return {
    room_version: "12",
    visibility: "private",
    creation_content: {
      type: "org.hearth.onboarding",
      "org.hearth.org_id": options.orgId,
      "m.federate": false,
      additional_creators: [options.botUserId],
    },
    initial_state: closedDoors(),
    power_level_content_override: sensitivePowerLevels(),
    invite: [options.botUserId],
  };
}

/** The org room and the admin room, made by the bot; who may send what there is the module's and these levels'. */
export function botRoom(options: {
  type: "org.hearth.org" | "org.hearth.admin";
  orgId: OrgId;
}): CreateRoomBody {
  const open: Record<string, number> =
    options.type === "org.hearth.org"
      ? { "org.hearth.command": 0, "org.hearth.profile": 0, "org.hearth.duty": 0 }
      : { "org.hearth.command": 0, "m.room.message": 0 };
  return {
    room_version: "12",
    visibility: "private",
    creation_content: { type: options.type, "org.hearth.org_id": options.orgId, "m.federate": false },
    initial_state: closedDoors(),
    power_level_content_override: {
      users: {},
      users_default: 0,
      events_default: 50,
      state_default: 100,
      invite: 100,
      kick: 50,
      ban: 100,
      redact: 50,
      events: { ...open, ...TEMPLATE_STATE_POWER },
      notifications: { room: 100 },
    },
    invite: [],
  };
}
