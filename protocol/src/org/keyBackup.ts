import type { UserId } from "../ids.ts";
import { isAdminAt, permissionsAt, type AccessState } from "./access.ts";

/**
 * Whether somebody's keys are to be in a backup on the server at an instant: admins, who give access to old keys, and
 * whoever may export. Nobody else's are, because a backup would bring back what their devices have to forget. [P3]
 * @param at milliseconds since 1970
 */
export function hasKeyBackupAt(state: AccessState, userId: UserId, at: number): boolean {
  return isAdminAt(state, userId, at) || permissionsAt(state, userId, at).has("export_data");
}
