import {
  isMemberAt,
  memberStateKey,
  permissionsOf,
  type PolicyContent,
  type UserId,
  type VocabularyContent,
} from "@hearth/protocol";
import type { InvitesView, MemberRow, OrgView, TeamView } from "../contract/index.ts";
import { isEverything, nameOf, rolesOf, type Org } from "./org.ts";
import type { Recipients } from "../features/people/recipients.ts";
import type { RosterBook } from "../features/roster/book.ts";
import { wantsSigning } from "../features/roster/differs.ts";

export function orgView(org: Org, policy: PolicyContent | undefined): OrgView {
  const roles = [...org.access.roles]
    .filter(([, role]) => role.deleted_at === undefined)
    .map(([id, role]) => ({
      id,
      name: role.name,
      everything: isEverything(role),
      inEveryRequest:
        isEverything(role) || permissionsOf(role.versions.at(-1)?.groups ?? []).has("administer_requests"),
      groups: [...(role.versions.at(-1)?.groups ?? [])],
    }));
  const { kinds } = org.newer;
  return {
    orgId: org.orgId,
    name: policy?.name ?? "",
    ...(kinds.length > 0 ? { incomplete: leftOut(kinds) } : {}),
    roles,
    requestTypes: items(org.requestTypes),
    tags: items(org.tags),
    ...(policy
      ? {
          policy: {
            name: policy.name,
            key_block: policy.key_block,
            key_window: policy.key_window,
            retention: policy.retention,
            lease: policy.lease,
            invite_expiry: policy.invite_expiry,
            lock_idle: policy.lock_idle,
            lock_wipe_after: policy.lock_wipe_after,
            online_unlock: policy.online_unlock,
            device_storage: policy.device_storage,
            automatic_access: policy.automatic_access ?? false,
          },
        }
      : {}),
  };
}

function leftOut(kinds: readonly string[]): string {
  return `Some of what the organisation says was written by a newer version of Hearth, and is left out here: ${kinds.join("; ")}. Ask whoever hosts Hearth to update it.`;
}

function items(vocabulary: VocabularyContent | undefined): { id: string; category: string; name: string }[] {
  return (vocabulary?.categories ?? []).flatMap((category) =>
    category.items
      .filter((item) => item.removed !== true)
      .map((item) => ({ id: item.id, category: category.name, name: item.name })),
  );
}

/** What a person's row in the team list is made of, beside their own state in the organisation. */
export type TeamDeps = {
  readonly me: UserId;
  readonly recipients: Pick<Recipients, "identityOf" | "rosterOf">;
  readonly roster: Pick<RosterBook, "roster" | "problem" | "code" | "toCompare">;
};

/** One person as the team list shows them; undefined for who never was a member. */
export function memberRow(org: Org, userId: UserId, now: number, deps: TeamDeps): MemberRow | undefined {
  const { me, recipients, roster } = deps;
  const content = org.access.members.get(memberStateKey(userId));
  if (!content) return undefined;
  const former = !isMemberAt(org.access, userId, now);
  const profile = org.profiles.get(userId);
  const duty = org.duty.get(userId);
  const onDuty = !former && duty?.on_duty === true;
  const unsigned = wantsSigning(org, roster.roster, userId, now);
  return {
    userId,
    name: nameOf(org, userId),
    ...(userId === me
      ? { own: { name: org.names.own(userId), confusable: org.names.isConfusable(userId) } }
      : {}),
    ...(profile?.pronouns === undefined ? {} : { pronouns: profile.pronouns }),
    ...(profile?.bio === undefined ? {} : { bio: profile.bio }),
    ...(profile?.phone === undefined ? {} : { phone: profile.phone }),
    ...(profile?.email === undefined ? {} : { email: profile.email }),
    colour: profile?.colour ?? colourOf(userId),
    roles: former ? [] : rolesOf(content, now),
    onDuty,
    ...(onDuty && duty ? { dutySince: duty.since } : {}),
    former,
    isMe: userId === me,
    ...(org.newer.people.has(userId) ? { incomplete: true as const } : {}),
    ...(profile?.cannot_forget?.length ? { cannotForget: profile.cannot_forget.length } : {}),
    identity: userId === me ? "fine" : recipients.identityOf(userId),
    ...recipients.rosterOf(userId),
    ...(unsigned === undefined ? {} : { unsigned }),
  };
}

/** People on duty first, then by name; those who have left at the end, so that old names can be looked up. */
export function teamView(rows: Iterable<MemberRow>, { roster }: Pick<TeamDeps, "roster">): TeamView {
  const { problem, code, toCompare } = roster;
  const rank = (row: MemberRow) => (row.former ? 2 : row.onDuty ? 0 : 1);
  const sorted = [...rows].toSorted((a, b) => rank(a) - rank(b) || BY_NAME.compare(a.name, b.name));
  const list = toCompare ?? code;
  return {
    members: sorted,
    ...(problem === undefined ? {} : { problem }),
    ...(list === undefined ? {} : { list: { code: list, compare: toCompare !== undefined } }),
  };
}

const BY_NAME = new Intl.Collator();

/** Dark enough for white letters, and always the same for one person. */
const COLOURS = ["#7a3e9d", "#9d3e5f", "#a1512a", "#6b6318", "#2f7038", "#1f6f78", "#2d5fa8", "#4d4aa8"];

function colourOf(userId: UserId): string {
  let sum = 0;
  for (const character of userId) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 65_521;
  return COLOURS[sum % COLOURS.length] ?? "#2d5fa8";
}

export function invitesView(org: Org, now: number): InvitesView {
  const invites = [...org.invites].map(([inviteId, invite]): InvitesView["invites"][number] => ({
    inviteId,
    roles: invite.roles,
    ...(invite.note === undefined ? {} : { note: invite.note }),
    status: invite.status === "pending" && invite.expires_at <= now ? "expired" : invite.status,
    createdBy: invite.created_by,
    createdAt: invite.created_at,
    expiresAt: invite.expires_at,
    ...(invite.accepted_by === undefined ? {} : { acceptedBy: invite.accepted_by }),
  }));
  return { loaded: true, invites: invites.toSorted((a, b) => b.createdAt - a.createdAt) };
}
