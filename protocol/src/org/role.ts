import { z } from "zod";
import { Instant, RoleId } from "../ids.ts";
import { permissionsOf, type Permission, type PermissionGroup } from "../permissions.ts";
import { defineState } from "../define/state.ts";
import { openObject } from "../define/unknown.ts";

/**
 * A role, its state key being its id. What it gives is kept with its past, so that an old event is judged by
 * the permissions of its own time. `everything: true` is the Admin role.
 */
export const RoleContent = openObject({
  v: z.literal(1),
  name: z.string().trim().min(1).max(60),
  versions: z
    .array(
      openObject({
        from: Instant,
        /** Names of `PERMISSION_GROUPS`; a later version may have more, and what they give is not known here. */
        groups: z.array(z.string().min(1).max(60)).max(60),
        everything: z.boolean().optional(),
      }),
    )
    .min(1)
    .max(200),
  /** Set when the role was deleted; people keep their history. */
  deleted_at: Instant.optional(),
});
export type RoleContent = z.infer<typeof RoleContent>;

export const Role = defineState({
  type: "org.hearth.role",
  words: { label: "Role" },
  writer: "bot",
  limit: 60 * 1024,
  schema: RoleContent,
  example: { v: 1, name: "Dispatcher", versions: [{ from: 0, groups: ["manage_requests"] }] },
});

export const ADMIN_ROLE = RoleId.parse("admin");
export const ANYONE_ROLE = RoleId.parse("anyone");

/** The roles an org starts with. Admin gives everything; Anyone is everybody's. */
export const DEFAULT_ROLES: Readonly<
  Record<string, { name: string; groups: PermissionGroup[]; everything?: true }>
> = {
  anyone: { name: "Anyone", groups: ["invite_to_channels"] },
  admin: { name: "Admin", groups: [], everything: true },
  dispatcher: { name: "Dispatcher", groups: ["manage_requests"] },
  responder: { name: "Responder", groups: ["contribute_to_requests"] },
  exporter: { name: "Exporter", groups: ["export_data"] },
};

/** What a role gave at an instant; nothing before its first version or after it was deleted. */
export function rolePermissionsAt(
  role: RoleContent,
  at: number,
): { everything: boolean; permissions: Set<Permission> } {
  const none = { everything: false, permissions: new Set<Permission>() };
  if (role.deleted_at !== undefined && at >= role.deleted_at) return none;
  const version = role.versions.findLast((candidate) => candidate.from <= at);
  if (!version) return none;
  return { everything: version.everything === true, permissions: permissionsOf(version.groups) };
}
