import { Invite } from "@hearth/protocol";
import { done, refuse } from "./implementation.ts";
import type { CommandImplementation } from "./implementation.ts";

export const inviteRevoke: CommandImplementation<"invite revoke"> = {
  plan({ org, tokenFor }, { invite }) {
    const existing = org.invites.get(invite);
    if (!existing)
      return refuse("not_found", "There is no such invite. `invite list` shows those there are.");
    if (existing.status === "accepted")
      return refuse(
        "conflict",
        `The invite has been used already${existing.accepted_by ? ` by ${existing.accepted_by}` : ""}. To undo that, remove the person.`,
      );
    return done([
      { do: "org state", type: Invite.type, key: invite, content: { ...existing, status: "revoked" } },
      { do: "withdraw registration", token: tokenFor(invite) },
    ]);
  },
  render: (_data, { invite }) => `The invite ${invite} can no longer be used.`,
};
