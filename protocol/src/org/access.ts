import { memberStateKey, type UserId } from "../ids.ts";
import { PERMISSIONS, type Permission } from "../permissions.ts";
import { rolesAt, type MemberContent } from "./member.ts";
import { ADMIN_ROLE, ANYONE_ROLE, rolePermissionsAt, type RoleContent } from "./role.ts";

/** The part of an org's state that says who may do what. Keys are the events' state keys. */
export type AccessState = {
  readonly roles: ReadonlyMap<string, RoleContent>;
  readonly members: ReadonlyMap<string, MemberContent>;
};

/**
 * What somebody was permitted at an instant, by the role history in org state.
 * @param at milliseconds since 1970; for an event, its origin_server_ts
 */
export function permissionsAt(state: AccessState, userId: UserId, at: number): ReadonlySet<Permission> {
  const member = state.members.get(memberStateKey(userId));
  if (!member || at < member.joined_at || (member.left_at !== undefined && at >= member.left_at))
    return new Set();
  const all = new Set<Permission>();
  for (const roleId of [ANYONE_ROLE, ...rolesAt(member, at)]) {
    const role = state.roles.get(roleId);
    if (!role) continue;
    const given = rolePermissionsAt(role, at);
    if (given.everything) return new Set(PERMISSIONS);
    for (const permission of given.permissions) all.add(permission);
  }
  return all;
}

/** Whether somebody is a member (joined and not left) at an instant. */
export function isMemberAt(state: AccessState, userId: UserId, at: number): boolean {
  const member = state.members.get(memberStateKey(userId));
  return (
    member !== undefined && at >= member.joined_at && (member.left_at === undefined || at < member.left_at)
  );
}

/** Whether somebody holds the Admin role at an instant. */
export function isAdminAt(state: AccessState, userId: UserId, at: number): boolean {
  const member = state.members.get(memberStateKey(userId));
  return member !== undefined && rolesAt(member, at).includes(ADMIN_ROLE);
}
