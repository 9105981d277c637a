import {
  Access,
  Invite,
  Member,
  Policy,
  Profile,
  Role,
  RosterEvent,
  Wipe,
  WipeWish,
  userIdFromMemberStateKey,
  isAdminAt,
  isMemberAt,
  permissionsAt,
} from "@hearth/protocol";
import type {
  AccessContent,
  AccessState,
  ContentOf,
  InviteContent,
  MemberContent,
  PolicyContent,
  RoleContent,
  UserId,
} from "@hearth/protocol";
import type { RawEvent } from "../homeserver.ts";

/** What the org room's state says, as the bot needs it. */
export type OrgState = AccessState & {
  readonly policy: PolicyContent | undefined;
  /** By invite id. */
  readonly invites: ReadonlyMap<string, InviteContent>;
  /** What people asked to read, by the key of their member state. */
  readonly access: ReadonlyMap<string, AccessContent>;
  /** The roster's statements by their state keys, as they stand. */
  readonly roster: ReadonlyMap<string, unknown>;
  /** By target. */
  readonly wipes: ReadonlyMap<string, ContentOf<typeof Wipe>>;
  /** By state key: what was asked for in the admin room. */
  readonly wishes: ReadonlyMap<string, ContentOf<typeof WipeWish>>;
  /** Who has written a profile, and has so arrived. */
  readonly arrived: ReadonlySet<UserId>;
  /** `type key` of every state event there is, readable or not: setup leaves those alone. */
  readonly present: ReadonlySet<string>;
  /** `type key` of events whose content is not what it should be: they count as missing, and somebody should look. */
  readonly unreadable: readonly string[];
};

export const stateName = (type: string, key: string) => `${type} ${key}`;

/** Reads an org room's state. Nothing throws: what can't be read is listed. */
export function readOrgState(events: readonly RawEvent[], botUserId: UserId): OrgState {
  const roles = new Map<string, RoleContent>();
  const members = new Map<string, MemberContent>();
  const invites = new Map<string, InviteContent>();
  const access = new Map<string, AccessContent>();
  const roster = new Map<string, unknown>();
  const wipes = new Map<string, ContentOf<typeof Wipe>>();
  const wishes = new Map<string, ContentOf<typeof WipeWish>>();
  const arrived = new Set<UserId>();
  const present = new Set<string>();
  const unreadable: string[] = [];
  let policy: PolicyContent | undefined;

  for (const event of events) {
    const key = event.state_key;
    if (key === undefined) continue;
    if (event.type === Profile.type) {
      if (key === event.sender) arrived.add(event.sender);
      continue;
    }
    // The homeserver lets only the bot write the rest; who got past it is not believed.
    if (event.sender !== botUserId) continue;
    present.add(stateName(event.type, key));
    const keep = <Content>(
      schema: {
        safeParse(value: unknown): { success: true; data: Content } | { success: false };
      },
      put: (content: Content) => void,
    ) => {
      const parsed = schema.safeParse(event.content);
      if (parsed.success) put(parsed.data);
      else unreadable.push(stateName(event.type, key));
    };
    if (event.type === Role.type) keep(Role.schema, (content) => roles.set(key, content));
    else if (event.type === Member.type) keep(Member.schema, (content) => members.set(key, content));
    else if (event.type === Invite.type) keep(Invite.schema, (content) => invites.set(key, content));
    else if (event.type === RosterEvent.type) roster.set(key, event.content);
    else if (event.type === Wipe.type) keep(Wipe.schema, (content) => wipes.set(key, content));
    else if (event.type === WipeWish.type) keep(WipeWish.schema, (content) => wishes.set(key, content));
    else if (event.type === Access.type) {
      // A log that can't be read is begun anew: nobody's membership hangs on it.
      const parsed = Access.schema.safeParse(event.content);
      if (parsed.success) access.set(key, parsed.data);
    } else if (event.type === Policy.type && key === "")
      keep(Policy.schema, (content) => {
        policy = content;
      });
  }
  return { roles, members, invites, access, policy, roster, wipes, wishes, arrived, present, unreadable };
}

/** Everybody who is a member at an instant, in the order of their ids, so that plans are the same each time. */
export function membersAt(org: AccessState, at: number): UserId[] {
  return [...org.members.keys()]
    .map(userIdFromMemberStateKey)
    .filter((user) => user !== undefined)
    .filter((user) => isMemberAt(org, user, at))
    .toSorted();
}

export function adminsAt(org: AccessState, at: number): UserId[] {
  return membersAt(org, at).filter((user) => isAdminAt(org, user, at));
}

/** Whether somebody may manage or close requests: they get power to invite, open and close in request rooms. */
export function managesRequestsAt(org: AccessState, user: UserId, at: number): boolean {
  const permissions = permissionsAt(org, user, at);
  return permissions.has("administer_requests") || permissions.has("close_requests");
}
