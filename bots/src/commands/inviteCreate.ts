import { Invite, rosterHash, RosterStatement, toMs } from "@hearth/protocol";
import type { InviteContent, Instant } from "@hearth/protocol";
import { mayGiveRoles, requirePermission, unknownRole } from "./authority.ts";
import { done, refuse } from "./implementation.ts";
import type { CommandImplementation } from "./implementation.ts";

export const inviteCreate: CommandImplementation<"invite create"> = {
  authorise: (situation, { roles }) =>
    requirePermission(situation, "invite_to_org") ?? mayGiveRoles(situation, roles),
  plan({ org, actor, at, now, tokenFor }, { invite, secret_hash, roles, note, expires_in }) {
    const unknown = unknownRole(org, roles);
    if (unknown) return unknown;
    const lasts = expires_in ?? org.policy?.invite_expiry;
    if (lasts === undefined)
      return refuse("bad_arguments", "Say how long the invite is good for, for example expires_in=P7D.");
    const content: InviteContent = {
      v: 1,
      secret_hash,
      roles: [...new Set(roles)],
      ...(note === undefined ? {} : { note }),
      created_by: actor,
      created_at: at as Instant,
      expires_at: (at + toMs(lasts)) as Instant,
      status: "pending",
    };
    const existing = org.invites.get(invite);
    if (existing && (existing.secret_hash !== secret_hash || existing.created_by !== actor))
      return refuse("conflict", "There is an invite with this id already. Make a new one.");
    if (content.expires_at <= now)
      return refuse(
        "expired",
        "The invite would have run out by now: the bots were away for long. Make it again.",
      );
    const token = tokenFor(invite);
    const expires_at = existing?.expires_at ?? content.expires_at;
    const data = { invite, token, expires_at, roster: newestOf(org.roster) };
    return done(
      existing
        ? [{ do: "allow registration", token, expiresAt: existing.expires_at }]
        : [
            { do: "org state", type: Invite.type, key: invite, content },
            { do: "allow registration", token, expiresAt: content.expires_at },
          ],
      data,
    );
  },
  render: (data) =>
    `The invite ${String(data["invite"])} is good until ${new Date(Number(data["expires_at"])).toISOString()}.`,
};

/** What a link made by the bot has its newcomer pin; a link made by a client goes by what that client has checked. */
function newestOf(roster: ReadonlyMap<string, unknown>): string {
  const newest = RosterStatement.safeParse(roster.get(String(roster.size - 1)));
  return newest.success ? rosterHash(newest.data) : "new";
}
