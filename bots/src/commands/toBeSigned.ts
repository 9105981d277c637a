import { ADMIN_ROLE } from "@hearth/protocol";

/** The roles that the roster tells apart, which only admins' clients can sign. */
const SIGNED_ROLES: readonly string[] = [ADMIN_ROLE, "exporter"];

/**
 * What is added to the answer to a typed command: the bot holds no key that counts on the roster, so what was typed
 * gives nobody keys, and takes them from nobody, until an admin has signed it. [P8]
 */
export function toBeSigned(roles: readonly string[]): string {
  return roles.some((role) => SIGNED_ROLES.includes(role)) ? ` ${TO_BE_SIGNED}` : "";
}

export const TO_BE_SIGNED =
  "Keys follow only when an admin has signed it: open the Team page in the app, where it is offered.";
