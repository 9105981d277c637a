import { z } from "zod";

/** What a person may do in an org, one by one. Commands and the request log ask for these. */
export const PERMISSIONS = [
  "edit_org_settings",
  "administer_roles",
  "administer_attributes",
  "administer_tags",
  "export_data",
  "invite_to_org",
  "remove_from_org",
  "assign_roles",
  "assign_attributes",
  "administer_channels",
  "invite_to_channels",
  "see_all_channels",
  "see_shift_channels",
  "see_request_channels",
  "administer_shifts",
  "administer_requests",
  "edit_request_data",
  "close_requests",
] as const;
export const Permission = z.enum(PERMISSIONS);
export type Permission = z.infer<typeof Permission>;

/** The groups in which an admin gives permissions, with the words shown for them. */
export const PERMISSION_GROUPS = {
  manage_org: { label: "Manage organisation", gives: ["edit_org_settings"] },
  edit_roles: { label: "Edit roles", gives: ["administer_roles"] },
  manage_metadata: {
    label: "Manage metadata",
    gives: ["administer_attributes", "administer_tags"],
  },
  export_data: { label: "Export data", gives: ["export_data"] },
  manage_team: {
    label: "Manage team",
    gives: ["invite_to_org", "remove_from_org", "assign_roles", "assign_attributes"],
  },
  manage_channels: { label: "Manage channels", gives: ["administer_channels", "invite_to_channels"] },
  invite_to_channels: { label: "Invite to channels", gives: ["invite_to_channels"] },
  see_all_channels: {
    label: "See all channels",
    gives: ["see_all_channels", "see_shift_channels", "see_request_channels"],
  },
  manage_schedule: { label: "Manage schedule", gives: ["administer_shifts"] },
  manage_requests: {
    label: "Manage requests",
    gives: ["administer_requests", "edit_request_data", "close_requests"],
  },
  contribute_to_requests: { label: "Contribute to requests", gives: ["edit_request_data"] },
  close_requests: { label: "Close requests", gives: ["close_requests"] },
} as const satisfies Record<string, { label: string; gives: readonly Permission[] }>;

export type PermissionGroup = keyof typeof PERMISSION_GROUPS;

/** The groups that this version knows, by their names; those of a later version are left out. */
export function knownGroups(groups: Iterable<string>): PermissionGroup[] {
  return [...groups].filter((group): group is PermissionGroup => Object.hasOwn(PERMISSION_GROUPS, group));
}

/**
 * All that these groups give, without repeats. A group that this version does not know gives nothing here, and takes
 * nothing from the others of its role.
 */
export function permissionsOf(groups: Iterable<string>): Set<Permission> {
  return new Set(knownGroups(groups).flatMap((group) => PERMISSION_GROUPS[group].gives));
}
