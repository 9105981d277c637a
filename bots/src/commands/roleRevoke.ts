import { ADMIN_ROLE, ANYONE_ROLE, Member, memberStateKey } from "@hearth/protocol";
import { currentMember, isLastAdmin, mayGiveRoles, noMember } from "./authority.ts";
import { done, refuse } from "./implementation.ts";
import type { CommandImplementation, Effect } from "./implementation.ts";
import { holds, withoutRole } from "./roleHistory.ts";
import { roomsThatFollow } from "./roomsThatFollow.ts";
import { toBeSigned } from "./toBeSigned.ts";

export const roleRevoke: CommandImplementation<"role revoke"> = {
  authorise: (situation, { role }) => mayGiveRoles(situation, [role]),
  plan({ org, at }, { user, role }) {
    const member = currentMember(org, user);
    if (!member) return noMember(user);
    if (role === ANYONE_ROLE)
      return refuse("bad_arguments", 'Everybody has the role "anyone". To take it, remove the person.');
    if (!org.roles.has(role)) return refuse("not_found", `There is no role "${role}".`);
    if (role === ADMIN_ROLE && isLastAdmin(org, user))
      return refuse(
        "last_admin",
        `${user} is the only admin. Make somebody else an admin first, then take the role.`,
      );
    const effects: Effect[] = [];
    if (holds(member, role))
      effects.push({
        do: "org state",
        type: Member.type,
        key: memberStateKey(user),
        content: withoutRole(member, role, at),
      });
    return done([...effects, roomsThatFollow(org, [role], at)]);
  },
  render: (_data, { user, role }) => `${user} no longer has the role ${role}.${toBeSigned([role])}`,
};
