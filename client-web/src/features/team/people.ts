import type { MemberRow } from "@hearth/client-core/contract.ts";

export type PeopleFilter = { search: string; role: string | "any" };

/** Who can be picked: no former members, nobody of `without`; on duty first, then by name. */
export function pickable(
  members: readonly MemberRow[],
  without: ReadonlySet<string>,
  filter: PeopleFilter,
): MemberRow[] {
  const needle = filter.search.trim().toLowerCase();
  return members
    .filter((member) => !member.former && !member.isMe && !without.has(member.userId))
    .filter((member) => filter.role === "any" || member.roles.includes(filter.role))
    .filter((member) => needle === "" || `${member.name} ${member.userId}`.toLowerCase().includes(needle))
    .sort((a, b) => Number(b.onDuty) - Number(a.onDuty) || a.name.localeCompare(b.name));
}

/** The team as its page shows it: identities that somebody must look at first, then who is on duty; former members last. */
export function roster(members: readonly MemberRow[], search: string): MemberRow[] {
  const needle = search.trim().toLowerCase();
  const rank = (member: MemberRow) => (member.former ? 3 : needsLook(member) ? 0 : member.onDuty ? 1 : 2);
  return members
    .filter((member) => needle === "" || `${member.name} ${member.userId}`.toLowerCase().includes(needle))
    .sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
}

function needsLook({ identity, isMe, roster: listed }: MemberRow): boolean {
  return (identity === "changed" && !isMe) || listed !== "listed";
}
