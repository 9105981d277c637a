import {
  Access,
  Attributes,
  Duty,
  Invite,
  isAdminAt,
  isMemberAt,
  Member,
  permissionsAt,
  Policy,
  Profile,
  RequestTypes,
  Role,
  rolesAt,
  RosterEvent,
  Wipe,
  WipeWish,
  Tags,
  UserId,
  userIdFromMemberStateKey,
  type AccessContent,
  type AccessState,
  type ContentOf,
  type DutyContent,
  type InviteContent,
  type MemberContent,
  type OrgId,
  type Permission,
  type PolicyContent,
  type ProfileContent,
  type RoleContent,
  type RoomId,
  type VocabularyContent,
} from "@hearth/protocol";
import type { z } from "zod";
import type { RawEvent } from "../rooms/rawEvent.ts";
import type { RoomState } from "../rooms/roomState.ts";

/** What an org's state says, parsed. Content that does not parse, or that the wrong person wrote, is left out. */
export type Org = {
  readonly roomId: RoomId;
  readonly orgId: OrgId;
  readonly botUserId: UserId;
  readonly access: AccessState;
  readonly policy: PolicyContent | undefined;
  /** The event that says it: another one for each change, also for one that changes it back. */
  readonly policyEvent?: string;
  readonly requestTypes: VocabularyContent | undefined;
  readonly tags: VocabularyContent | undefined;
  readonly attributes: VocabularyContent | undefined;
  readonly profiles: ReadonlyMap<UserId, ProfileContent>;
  readonly duty: ReadonlyMap<UserId, DutyContent>;
  readonly invites: ReadonlyMap<string, InviteContent>;
  /** What people asked to read, by the key of their member state. */
  readonly accessLog: ReadonlyMap<string, AccessContent>;
  /** The roster's statements by their state keys, unchecked: see roster/. */
  readonly roster: ReadonlyMap<string, unknown>;
  /** By target. What they are good for, the devices judge. */
  readonly wipes: ReadonlyMap<string, ContentOf<typeof Wipe>>;
  readonly wishes: ReadonlyMap<string, ContentOf<typeof WipeWish>>;
};

/** @returns undefined unless the room is an org's, made by that server's bot */
export function projectOrg(roomId: RoomId, state: RoomState): Org | undefined {
  const identity = state.identity;
  if (identity?.type !== "org.hearth.org") return undefined;
  const bot = identity.creator;
  const fromBot = <S extends z.ZodType>(definition: { type: string; schema: S }) =>
    parsed(state.all(definition.type), definition.schema, (event) => event.sender === bot);
  const fromSelf = <S extends z.ZodType>(definition: { type: string; schema: S }) =>
    byUser(
      parsed(state.all(definition.type), definition.schema, (event) => event.sender === event.state_key),
    );
  return {
    roomId,
    orgId: identity.orgId,
    botUserId: bot,
    access: { roles: fromBot(Role), members: fromBot(Member) },
    policy: fromBot(Policy).get(""),
    ...eventOf(state.all(Policy.type), bot),
    requestTypes: fromBot(RequestTypes).get(""),
    tags: fromBot(Tags).get(""),
    attributes: fromBot(Attributes).get(""),
    profiles: fromSelf(Profile),
    duty: fromSelf(Duty),
    invites: fromBot(Invite),
    wipes: fromBot(Wipe),
    wishes: fromBot(WipeWish),
    accessLog: fromBot(Access),
    roster: new Map(
      state
        .all(RosterEvent.type)
        .flatMap((event) => (event.state_key === undefined ? [] : [[event.state_key, event.content]])),
    ),
  };
}

function eventOf(policies: readonly RawEvent[], bot: UserId): { policyEvent?: string } {
  const event = policies.find(({ state_key, sender }) => state_key === "" && sender === bot);
  return event ? { policyEvent: event.event_id } : {};
}

function parsed<S extends z.ZodType>(
  events: readonly RawEvent[],
  schema: S,
  mayWrite: (event: RawEvent) => boolean,
): Map<string, z.infer<S>> {
  const map = new Map<string, z.infer<S>>();
  for (const event of events) {
    if (event.state_key === undefined || !mayWrite(event)) continue;
    const content = schema.safeParse(event.content);
    if (content.success) map.set(event.state_key, content.data);
  }
  return map;
}

function byUser<T>(map: Map<string, T>): Map<UserId, T> {
  return new Map(
    [...map].flatMap(([key, value]) => (UserId.safeParse(key).success ? [[key as UserId, value]] : [])),
  );
}

export function permissionsOfUser(org: Org, userId: UserId, at: number): ReadonlySet<Permission> {
  return permissionsAt(org.access, userId, at);
}

export function isMember(org: Org, userId: UserId, at: number): boolean {
  return isMemberAt(org.access, userId, at);
}

export function isAdmin(org: Org, userId: UserId, at: number): boolean {
  return isAdminAt(org.access, userId, at);
}

/** Everybody who is or was a member. */
export function members(org: Org): { userId: UserId; content: MemberContent }[] {
  return [...org.access.members].flatMap(([key, content]) => {
    const userId = userIdFromMemberStateKey(key);
    return userId ? [{ userId, content }] : [];
  });
}

/** The people who must be in every request: admins, and whoever may run requests. */
export function requestManagers(org: Org, at: number): UserId[] {
  return members(org)
    .map(({ userId }) => userId)
    .filter(
      (userId) => isAdmin(org, userId, at) || permissionsOfUser(org, userId, at).has("administer_requests"),
    );
}

export function rolesOf(content: MemberContent, at: number): string[] {
  return rolesAt(content, at);
}

export function isEverything(role: RoleContent): boolean {
  return role.versions.at(-1)?.everything === true;
}

/** What somebody is called: as they say themselves, else as their account is named. */
export function nameOf(org: Org | undefined, userId: UserId): string {
  if (userId === org?.botUserId) return "The organisation's bot";
  return org?.profiles.get(userId)?.display_name ?? userId.slice(1).split(":")[0] ?? userId;
}
