import { isAdminAt, Member, memberStateKey } from "@hearth/protocol";
import type { Instant } from "@hearth/protocol";
import { isLastAdmin, noMember, requirePermission } from "./authority.ts";
import { done, refuse } from "./implementation.ts";
import type { CommandImplementation } from "./implementation.ts";
import { withoutRole } from "./roleHistory.ts";
import { TO_BE_SIGNED } from "./toBeSigned.ts";

export const memberRemove: CommandImplementation<"member remove"> = {
  authorise(situation, { user }) {
    // Everybody may go.
    if (user === situation.actor) return undefined;
    const refused = requirePermission(situation, "remove_from_org");
    if (refused) return refused;
    const { org, actor, now } = situation;
    return isAdminAt(org, user, now) && !isAdminAt(org, actor, now)
      ? refuse("not_permitted", "Only an admin can remove an admin. Ask one.")
      : undefined;
  },
  plan({ org, at, botUserId }, { user }) {
    const member = org.members.get(memberStateKey(user));
    if (!member || user === botUserId) return noMember(user);
    if (isLastAdmin(org, user))
      return refuse(
        "last_admin",
        `${user} is the only admin. Make somebody else an admin first, then remove them.`,
      );
    // Who has left stays in the org's state: their name belongs to what they did.
    const left_at = member.left_at ?? (Math.max(at, member.joined_at) as Instant);
    return done([
      {
        do: "org state",
        type: Member.type,
        key: memberStateKey(user),
        content: { ...withoutRole(member, "all", left_at), left_at },
      },
      // Before the account ends: to leave a room that they made, the bot acts in their name.
      { do: "align rooms", which: "all" },
      { do: "deactivate", user },
    ]);
  },
  render: (_data, { user }) => `${user} is no longer a member, and their account has ended. ${TO_BE_SIGNED}`,
};
