import { z } from "zod";
import { Instant, RoleId } from "../ids.ts";
import { defineState } from "../define/state.ts";
import { openObject } from "../define/unknown.ts";

/**
 * A member, with the history of the roles they hold and held: `to` missing means still. The state key is the
 * user id without its `@`. Someone removed stays here, with `left_at`, so that history keeps its names.
 */
export const MemberContent = openObject({
  v: z.literal(1),
  joined_at: Instant,
  left_at: Instant.optional(),
  roles: z.array(openObject({ role: RoleId, from: Instant, to: Instant.optional() })).max(2000),
});
export type MemberContent = z.infer<typeof MemberContent>;

export const Member = defineState({
  type: "org.hearth.member",
  words: { label: "Member" },
  writer: "bot",
  limit: 60 * 1024,
  schema: MemberContent,
  example: { v: 1, joined_at: 1767225600000, roles: [{ role: "responder", from: 1767225600000 }] },
});

/** The roles held at an instant. A member who has left holds none. */
export function rolesAt(member: MemberContent, at: number): RoleId[] {
  if (at < member.joined_at || (member.left_at !== undefined && at >= member.left_at)) return [];
  return member.roles
    .filter((held) => held.from <= at && (held.to === undefined || at < held.to))
    .map((held) => held.role);
}
