import { hasKeyBackupAt, type Roster, type RosterRole, type UserId } from "@hearth/protocol";
import { isAdmin, isMember, type Org } from "../../org/org.ts";

/** What the org's state makes of somebody, in the roster's words; `ended` for who is no member (any more). */
export function roleInState(org: Org, userId: UserId, now: number): RosterRole | "ended" {
  if (!isMember(org, userId, now)) return "ended";
  if (isAdmin(org, userId, now)) return "admin";
  return hasKeyBackupAt(org.access, userId, now) ? "exporter" : "member";
}

/**
 * What an admin would have to sign so that the roster says of somebody what the org's state says: after a command typed
 * in the admin room, which nobody signed. Or because the server made it up: so it is asked, never done by itself.
 * @returns undefined when they agree, and for somebody whom no admin has listed at all
 */
export function wantsSigning(
  org: Org,
  roster: Roster,
  userId: UserId,
  now: number,
): RosterRole | "ended" | undefined {
  const entry = roster.current.get(userId);
  if (!entry) return undefined;
  const role = roleInState(org, userId, now);
  return role === entry.role ? undefined : role;
}
