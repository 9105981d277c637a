import type { Instant, MemberContent, RoleId } from "@hearth/protocol";

/** Whether somebody holds a role and nobody has taken it. */
export function holds(member: MemberContent, role: RoleId): boolean {
  return member.roles.some((held) => held.role === role && held.to === undefined);
}

/** A member who also holds a role from an instant on. Unchanged if they hold it. */
export function withRole(member: MemberContent, role: RoleId, at: number): MemberContent {
  if (holds(member, role)) return member;
  // Time must not run backwards in somebody's history, even if the homeserver's clock did.
  const earliest = Math.max(member.joined_at, ...member.roles.map((held) => held.to ?? held.from));
  return {
    ...member,
    roles: [...member.roles, { role, from: Math.max(at, earliest) as Instant }],
  };
}

/** A member whose roles (one of them, or all) end at an instant. Their history stays. */
export function withoutRole(member: MemberContent, role: RoleId | "all", at: number): MemberContent {
  return {
    ...member,
    roles: member.roles.map((held) =>
      held.to === undefined && (role === "all" || held.role === role)
        ? { ...held, to: Math.max(at, held.from) as Instant }
        : held,
    ),
  };
}
