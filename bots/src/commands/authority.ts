import { ADMIN_ROLE, ANYONE_ROLE, isAdminAt, memberStateKey, permissionsAt } from "@hearth/protocol";
import type { MemberContent, Permission, RoleId, UserId } from "@hearth/protocol";
import type { OrgState } from "../org/state.ts";
import { refuse } from "./implementation.ts";
import type { Refusal, Situation } from "./implementation.ts";

const WHAT: Partial<Record<Permission, string>> = {
  invite_to_org: "invite people",
  remove_from_org: "remove people",
  assign_roles: "give or take roles",
  edit_org_settings: "change the organisation's settings",
};

/** Refuses somebody who lacks a permission now. */
export function requirePermission(
  situation: Pick<Situation, "org" | "actor" | "now">,
  permission: Permission,
): Refusal | undefined {
  if (permissionsAt(situation.org, situation.actor, situation.now).has(permission)) return undefined;
  return refuse(
    "not_permitted",
    `Your roles don't let you ${WHAT[permission] ?? `do this (${permission})`}. Ask an admin to do it, or to give you a role that does.`,
  );
}

/** Refuses somebody who is no admin now. @param what as in "only an admin can …" */
export function requireAdmin(
  { org, actor, now }: Pick<Situation, "org" | "actor" | "now">,
  what: string,
): Refusal | undefined {
  return isAdminAt(org, actor, now)
    ? undefined
    : refuse("not_permitted", `Only an admin can ${what}. Ask one.`);
}

/** Giving a role, in person or by an invite, takes the permission to; giving Admin takes an admin. */
export function mayGiveRoles(
  situation: Pick<Situation, "org" | "actor" | "now">,
  roles: readonly RoleId[],
): Refusal | undefined {
  if (roles.length === 0) return undefined;
  const refused = requirePermission(situation, "assign_roles");
  if (refused) return refused;
  if (roles.includes(ADMIN_ROLE) && !isAdminAt(situation.org, situation.actor, situation.now))
    return refuse("not_permitted", "Only an admin can make somebody an admin. Ask one.");
  return undefined;
}

/** Whether each role can be given: it exists, and is not the one that everybody has anyway. */
export function unknownRole(org: OrgState, roles: readonly RoleId[]): Refusal | undefined {
  for (const id of roles) {
    if (id === ANYONE_ROLE) return refuse("bad_arguments", 'Everybody has the role "anyone": leave it out.');
    const role = org.roles.get(id);
    if (!role || role.deleted_at !== undefined) {
      const known = [...org.roles]
        .filter(([other, { deleted_at }]) => other !== ANYONE_ROLE && deleted_at === undefined)
        .map(([other]) => other)
        .toSorted();
      return refuse("not_found", `There is no role "${id}". Use one of: ${known.join(", ")}.`);
    }
  }
  return undefined;
}

/** A member who has not left. */
export function currentMember(org: OrgState, user: UserId): MemberContent | undefined {
  const member = org.members.get(memberStateKey(user));
  return member?.left_at === undefined ? member : undefined;
}

export function noMember(user: UserId): Refusal {
  return refuse("not_found", `${user} is not a member. Check how the name is written.`);
}

/** Whether somebody is the only admin there is. */
export function isLastAdmin(org: OrgState, user: UserId): boolean {
  const admins = [...org.members].filter(
    ([, member]) =>
      member.left_at === undefined &&
      member.roles.some(({ role, to }) => role === ADMIN_ROLE && to === undefined),
  );
  return admins.length === 1 && admins[0]?.[0] === memberStateKey(user);
}
