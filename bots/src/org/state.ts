import {
  Access,
  CATALOGUE,
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
  readContent,
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
  Versioned,
} from "@hearth/protocol";
import type { z } from "zod";
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
  /** By `type key`, what each of them says that the bot wrote and can read: for commands that only write one of them. */
  readonly contents: ReadonlyMap<string, unknown>;
  /** `type key` of what a newer version wrote. It counts as missing, and nothing may take its place. */
  readonly newer: ReadonlySet<string>;
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
  const contents = new Map<string, unknown>();
  const newer = new Set<string>();
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
    const definition = event.type === RosterEvent.type ? undefined : CATALOGUE.events.get(event.type);
    const known = definition && readContent(definition, event.content);
    if (known?.ok) contents.set(stateName(event.type, key), known.content);
    else if (known?.reason === "newer_version") newer.add(stateName(event.type, key));
    const keep = <Schema extends z.ZodType>(
      _definition: Versioned<Schema>,
      put: (content: z.infer<Schema>) => void,
    ) => {
      if (known?.ok) put(known.content as z.infer<Schema>);
      else unreadable.push(stateName(event.type, key));
    };
    if (event.type === Role.type) keep(Role, (content) => roles.set(key, content));
    else if (event.type === Member.type) keep(Member, (content) => members.set(key, content));
    else if (event.type === Invite.type) keep(Invite, (content) => invites.set(key, content));
    else if (event.type === RosterEvent.type) roster.set(key, event.content);
    else if (event.type === Wipe.type) keep(Wipe, (content) => wipes.set(key, content));
    else if (event.type === WipeWish.type) keep(WipeWish, (content) => wishes.set(key, content));
    else if (event.type === Access.type) {
      // A log that can't be read is begun again, unless a newer version wrote it: nobody's membership hangs on it.
      if (known?.ok) access.set(key, known.content as AccessContent);
    } else if (event.type === Policy.type && key === "")
      keep(Policy, (content) => {
        policy = content;
      });
  }
  return {
    roles,
    members,
    invites,
    access,
    policy,
    roster,
    wipes,
    wishes,
    arrived,
    present,
    contents,
    newer,
    unreadable,
  };
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
