import { Member, memberStateKey } from "@hearth/protocol";
import { currentMember, mayGiveRoles, noMember, unknownRole } from "./authority.ts";
import { done } from "./implementation.ts";
import type { CommandImplementation, Effect } from "./implementation.ts";
import { holds, withRole } from "./roleHistory.ts";
import { toBeSigned } from "./toBeSigned.ts";
import { roomsThatFollow } from "./roomsThatFollow.ts";

export const roleGrant: CommandImplementation<"role grant"> = {
  authorise: (situation, { role }) => mayGiveRoles(situation, [role]),
  plan({ org, at }, { user, role }) {
    const member = currentMember(org, user);
    if (!member) return noMember(user);
    const unknown = unknownRole(org, [role]);
    if (unknown) return unknown;
    const effects: Effect[] = [];
    if (!holds(member, role))
      effects.push({
        do: "org state",
        type: Member.type,
        key: memberStateKey(user),
        content: withRole(member, role, at),
      });
    return done([...effects, roomsThatFollow(org, [role], at)]);
  },
  render: (_data, { user, role }) => `${user} now has the role ${role}.${toBeSigned([role])}`,
};
