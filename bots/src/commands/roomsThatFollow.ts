import { rolePermissionsAt } from "@hearth/protocol";
import type { RoleId } from "@hearth/protocol";
import type { OrgState } from "../org/state.ts";
import type { Effect } from "./implementation.ts";

/**
 * Which rooms must follow when somebody gets or loses roles. Power in requests and channels comes with the permission
 * to manage or close requests, and with being an admin; other roles change nothing there. Judged by the roles alone
 * and not by what they changed, so that an interrupted command carried on comes to the same answer.
 */
export function roomsThatFollow(org: OrgState, roles: readonly RoleId[], at: number): Effect {
  const powerful = roles.some((id) => {
    const role = org.roles.get(id);
    if (!role) return false;
    const { everything, permissions } = rolePermissionsAt(role, at);
    return everything || permissions.has("administer_requests") || permissions.has("close_requests");
  });
  return { do: "align rooms", which: powerful ? "all" : "org and admin" };
}
