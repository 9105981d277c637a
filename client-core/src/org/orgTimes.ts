import type { Org } from "./org.ts";

/**
 * Whether something that an organisation's state says begins or ends at an instant has begun or ended since the last
 * look: a role, a membership, an invite. It is the one change of what is shown that no event tells of.
 */
export class OrgTimes {
  #org: Pick<Org, "access" | "invites"> | undefined;
  #instants: readonly number[] = [];
  #lookedAt = 0;

  /** @param now milliseconds since 1970 */
  passed(org: Org, now: number): boolean {
    if (
      this.#org?.access.members !== org.access.members ||
      this.#org.access.roles !== org.access.roles ||
      this.#org.invites !== org.invites
    )
      this.#instants = instantsOf(org);
    this.#org = org;
    const since = this.#lookedAt;
    this.#lookedAt = now;
    return this.#instants.some((at) => at > since && at <= now);
  }
}

function instantsOf({ access, invites }: Org): number[] {
  const members = [...access.members.values()].flatMap(({ joined_at, left_at, roles }) => [
    joined_at,
    left_at,
    ...roles.flatMap(({ from, to }) => [from, to]),
  ]);
  const roles = [...access.roles.values()].flatMap((role) => role.versions.map(({ from }) => from));
  const ends = [...invites.values()].map((invite) => invite.expires_at);
  return [...members, ...roles, ...ends].filter((at) => at !== undefined);
}
