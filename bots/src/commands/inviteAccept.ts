import { createHash, timingSafeEqual } from "node:crypto";
import { fromBase64url, Invite, Member, memberStateKey } from "@hearth/protocol";
import type { Instant, InviteContent, MemberContent } from "@hearth/protocol";
import { presentIn } from "../rooms/view.ts";
import { currentMember, mayGiveRoles, requirePermission } from "./authority.ts";
import { done, refuse } from "./implementation.ts";
import type { CommandImplementation, Refusal, Situation } from "./implementation.ts";
import { roomsThatFollow } from "./roomsThatFollow.ts";

/** Given by a newcomer, alone with the bot. Whoever knows the invite's secret becomes a member; once. */
export const inviteAccept: CommandImplementation<"invite accept"> = {
  authorise(situation, { invite, secret }) {
    const wrongRoom = notAlone(situation);
    if (wrongRoom) return wrongRoom;
    const existing = situation.org.invites.get(invite);
    // An invite that isn't there and a wrong secret look the same to somebody who guesses.
    if (!secretIs(secret, existing?.secret_hash ?? ""))
      return refuse(
        "wrong_secret",
        "This invite link is not right. Copy all of it again, or ask for a new one.",
      );
    return existing ? stillGood(situation, existing) : undefined;
  },
  plan({ org, actor, at, orgRoomId, tokenFor }, { invite, keys }) {
    const existing = org.invites.get(invite);
    if (!existing) return refuse("not_found", "This invite is gone. Ask for a new one.");
    const roles = existing.roles.filter(
      (id) => org.roles.get(id)?.deleted_at === undefined && org.roles.has(id),
    );
    const member: MemberContent = org.members.get(memberStateKey(actor)) ?? {
      v: 1,
      joined_at: at as Instant,
      roles: roles.map((role) => ({ role, from: at as Instant })),
    };
    return done(
      [
        // First, so that two people with one link can't both get in, whatever is interrupted.
        {
          do: "org state",
          type: Invite.type,
          key: invite,
          content: { ...existing, status: "accepted", accepted_by: actor, ...(keys ? { keys } : {}) },
        },
        { do: "withdraw registration", token: tokenFor(invite) },
        { do: "org state", type: Member.type, key: memberStateKey(actor), content: member },
        roomsThatFollow(org, roles, at),
      ],
      { org_room: orgRoomId },
    );
  },
  render: () => "Welcome.",
};

function notAlone({ onboarding, actor, botUserId }: Situation): Refusal | undefined {
  const people = onboarding ? presentIn(onboarding) : [];
  const alone = people.length === 2 && people.includes(actor) && people.includes(botUserId);
  return alone && onboarding?.creator === actor
    ? undefined
    : refuse("wrong_room", "An invite is accepted alone with the bot. Open the invite link again.");
}

function secretIs(secret: string, hash: string): boolean {
  const given = createHash("sha256").update(secret).digest();
  const expected = Buffer.alloc(given.length);
  const known = fromBase64url(hash);
  if (known?.length === given.length) expected.set(known);
  return timingSafeEqual(given, expected) && hash !== "";
}

function stillGood(situation: Situation, invite: InviteContent): Refusal | undefined {
  const { org, actor, at } = situation;
  // A join that broke off half-way asks again, and gets the same answer.
  if (invite.accepted_by === actor && currentMember(org, actor)) return undefined;
  if (org.members.has(memberStateKey(actor)))
    return refuse(
      "conflict",
      "This account belongs to a member, or to one who was removed. Sign in, or ask an admin.",
    );
  if (invite.status === "accepted")
    return refuse("conflict", "Somebody has used this invite already. Ask for a new one.");
  if (invite.status === "revoked")
    return refuse("expired", "This invite has been withdrawn. Ask for a new one.");
  // By the time of asking: who came in time must not suffer from bots that were away.
  if (at >= invite.expires_at) return refuse("expired", "This invite has run out. Ask for a new one.");
  // The operator's invites are made by the bot itself.
  if (invite.created_by === situation.botUserId) return undefined;
  const inviter = { ...situation, actor: invite.created_by };
  return requirePermission(inviter, "invite_to_org") || mayGiveRoles(inviter, invite.roles)
    ? refuse("expired", "Whoever made this invite may no longer invite people. Ask for a new one.")
    : undefined;
}
