import { UserId } from "@hearth/protocol";
import { Refusal } from "../session/failures.ts";
import type { Org } from "../org/org.ts";

/** @throws Refusal not_found when it is nobody's id */
export function userOrRefuse(userId: string): UserId {
  const parsed = UserId.safeParse(userId);
  if (!parsed.success) throw new Refusal("not_found", "There is no such person.");
  return parsed.data;
}

/** @throws Refusal conflict while the organisation is not known */
export function orgOrRefuse(org: Org | undefined): Org {
  if (!org) throw new Refusal("conflict", "The organisation has not loaded yet. Try again in a moment.");
  return org;
}

export const NOT_FOR_SCREENS = "No page can ask for this by itself. Reload Hearth, then try again.";
