import {
  Access,
  Attributes,
  Duty,
  Invite,
  isAdminAt,
  isMemberAt,
  isolated,
  Member,
  permissionsAt,
  Policy,
  Profile,
  RequestTypes,
  Role,
  rolesAt,
  RosterEvent,
  shortName,
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
  type ProfileContent,
  type RoleContent,
  type RoomId,
  type VocabularyContent,
} from "@hearth/protocol";
import { z } from "zod";
import type { RawEvent } from "../rooms/rawEvent.ts";
import type { RoomState } from "../rooms/roomState.ts";
import { ShownNames } from "./names.ts";
import { ParsedState } from "./parsedState.ts";
import { POLICY } from "./policy.ts";

/** What an org's state says, parsed. Content that does not parse, or that the wrong person wrote, is left out. */
export type Org = {
  readonly roomId: RoomId;
  readonly orgId: OrgId;
  readonly botUserId: UserId;
  readonly access: AccessState;
  readonly requestTypes: VocabularyContent | undefined;
  readonly tags: VocabularyContent | undefined;
  readonly attributes: VocabularyContent | undefined;
  readonly profiles: ReadonlyMap<UserId, ProfileContent>;
  readonly names: ShownNames;
  readonly duty: ReadonlyMap<UserId, DutyContent>;
  readonly invites: ReadonlyMap<string, InviteContent>;
  /** What people asked to read, by the key of their member state. */
  readonly accessLog: ReadonlyMap<string, AccessContent>;
  /** The roster's statements by their state keys, unchecked: see roster/. */
  readonly roster: ReadonlyMap<string, unknown>;
  /** By target. What they are good for, the devices judge. */
  readonly wipes: ReadonlyMap<string, ContentOf<typeof Wipe>>;
  readonly wishes: ReadonlyMap<string, ContentOf<typeof WipeWish>>;
  /** What a newer version of Hearth wrote, and so is left out above. */
  readonly newer: {
    /** The bot's, by what it is called: "Role". */
    readonly kinds: readonly string[];
    /** Who said something of themselves with a newer version. */
    readonly people: ReadonlySet<UserId>;
  };
};

/** @returns undefined unless the room is an org's, made by that server's bot */
export function projectOrg(roomId: RoomId, state: RoomState): Org | undefined {
  const identity = state.identity;
  if (identity?.type !== "org.hearth.org") return undefined;
  const bot = identity.creator;
  const access = { roles: ROLES.of(state, bot), members: MEMBERS.of(state, bot) };
  const profiles = PROFILES.of(state, bot);
  return {
    roomId,
    orgId: identity.orgId,
    botUserId: bot,
    access,
    names: new ShownNames({ access, profiles, botUserId: bot }),
    requestTypes: REQUEST_TYPES.of(state, bot).get(""),
    tags: TAGS.of(state, bot).get(""),
    attributes: ATTRIBUTES.of(state, bot).get(""),
    profiles,
    duty: DUTY.of(state, bot),
    invites: INVITES.of(state, bot),
    wipes: WIPES.of(state, bot),
    wishes: WISHES.of(state, bot),
    accessLog: ACCESS.of(state, bot),
    roster: ROSTER.of(state, bot),
    newer: {
      kinds: OF_THE_BOT.filter(({ parsed }) => parsed.newerIn(state, bot).size > 0).map(({ label }) => label),
      people: new Set([...PROFILES.newerIn(state, bot), ...DUTY.newerIn(state, bot)]),
    },
  };
}

const fromBot = (event: RawEvent, bot: UserId) => event.sender === bot;
const fromSelf = (event: RawEvent) =>
  event.sender === event.state_key && UserId.safeParse(event.state_key).success;

const ROLES = new ParsedState(Role, fromBot);
const MEMBERS = new ParsedState(Member, fromBot);
const REQUEST_TYPES = new ParsedState(RequestTypes, fromBot);
const TAGS = new ParsedState(Tags, fromBot);
const ATTRIBUTES = new ParsedState(Attributes, fromBot);
const PROFILES = new ParsedState<typeof Profile.schema, UserId>(Profile, fromSelf);
const DUTY = new ParsedState<typeof Duty.schema, UserId>(Duty, fromSelf);
const INVITES = new ParsedState(Invite, fromBot);
const WIPES = new ParsedState(Wipe, fromBot);
const WISHES = new ParsedState(WipeWish, fromBot);
const ACCESS = new ParsedState(Access, fromBot);
/** Anybody's, and unread: what counts of it the signatures say. */
const ROSTER = new ParsedState(
  { type: RosterEvent.type, schema: z.unknown() },
  () => true,
  (_, content) => ({ ok: true, content }),
);

const OF_THE_BOT = [
  { label: Policy.words.label, parsed: POLICY },
  { label: Role.words.label, parsed: ROLES },
  { label: Member.words.label, parsed: MEMBERS },
  { label: RequestTypes.words.label, parsed: REQUEST_TYPES },
  { label: Tags.words.label, parsed: TAGS },
  { label: Attributes.words.label, parsed: ATTRIBUTES },
  { label: Invite.words.label, parsed: INVITES },
  { label: Wipe.words.label, parsed: WIPES },
  { label: WipeWish.words.label, parsed: WISHES },
  { label: Access.words.label, parsed: ACCESS },
] as const;

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

/** What somebody is called wherever a name is shown. */
export function nameOf(org: Org | undefined, userId: UserId): string {
  return org?.names.of(userId) ?? isolated(shortName(userId));
}
