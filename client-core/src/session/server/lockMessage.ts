import type { DeadToken } from "./tokens.ts";

/** What somebody reads whose token is dead. */
export function lockMessage({ errcode }: DeadToken): string {
  return errcode === "M_USER_LOCKED"
    ? "An admin has locked this account. Your keys stay on this device. Ask an admin, then sign in again."
    : "The server asks you to sign in again. Your keys stay on this device, and you go on where you were.";
}
