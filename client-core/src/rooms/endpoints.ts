import {
  readCreateEvent,
  isSensitive,
  RoomId,
  UserId,
  type CreateRoomBody,
  type OrgId,
} from "@hearth/protocol";
import type { SignedInSession } from "../session/api.ts";
import { isMember, type Org } from "../org/org.ts";

/**
 * Making, inviting, joining, leaving: by the bare endpoints and by nothing else. The SDK's own `invite` and `joinRoom`
 * hand old keys over, whatever their options say; lint bans them.
 */
export type RoomEndpoints = {
  create(body: CreateRoomBody): Promise<RoomId>;
  invite(roomId: RoomId, userId: UserId): Promise<void>;
  join(roomId: RoomId): Promise<void>;
  leave(roomId: RoomId): Promise<void>;
};

export function roomEndpoints(request: SignedInSession["request"]): RoomEndpoints {
  const room = (roomId: RoomId) => `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}`;
  return {
    async create(body) {
      const answer = await request<{ room_id?: unknown }>("POST", "/_matrix/client/v3/createRoom", body);
      return RoomId.parse(answer.room_id);
    },
    async invite(roomId, userId) {
      await request("POST", `${room(roomId)}/invite`, { user_id: userId });
    },
    async join(roomId) {
      await request("POST", `${room(roomId)}/join`, {});
    },
    async leave(roomId) {
      await request("POST", `${room(roomId)}/leave`, {});
    },
  };
}

type Stripped = { type?: unknown; state_key?: unknown; sender?: unknown; content?: unknown };

/**
 * Whether to join what we are invited to without asking: sensitive rooms of our own organisation, when a member or the
 * bot invites; the organisation's and the admins' room, when the bot does. Anything else stays an unanswered invite.
 * Stripped state is what the homeserver says, no more: joining gives nobody a key, and writing needs the members' list.
 */
export function shouldJoin(
  inviteState: readonly unknown[],
  me: UserId,
  botUserId: UserId,
  org: Org | undefined,
  now: number,
): boolean {
  const events = inviteState.filter(
    (event): event is Stripped => typeof event === "object" && event !== null,
  );
  const create = events.find((event) => event.type === "m.room.create");
  const identity = readCreateEvent(create?.content);
  const invite = events.findLast((event) => event.type === "m.room.member" && event.state_key === me);
  const inviter = UserId.safeParse(invite?.sender).data;
  if (!identity || !inviter) return false;
  const byBot = inviter === botUserId;
  if (identity.type === "org.hearth.org") return byBot && (org === undefined || org.orgId === identity.orgId);
  if (!org || !sameOrg(org, identity.orgId)) return false;
  if (identity.type === "org.hearth.admin") return byBot;
  return isSensitive(identity.type) && (byBot || isMember(org, inviter, now));
}

function sameOrg(org: Org, orgId: OrgId): boolean {
  return org.orgId === orgId;
}

/** Every organisation's bot has this name on its server. */
export function botOf(me: UserId): UserId {
  return UserId.parse(`@hearth-bot:${me.slice(me.indexOf(":") + 1)}`);
}
