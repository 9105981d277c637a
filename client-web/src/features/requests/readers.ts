import type { OrgView } from "@hearth/client-core/contract.ts";
import { isolated } from "@hearth/protocol";

const OR = new Intl.ListFormat("en", { type: "disjunction" });

/** Who reads a new request, beside those who are chosen: everybody with a role that brings them into every one. */
export function readersSentence(roles: OrgView["roles"] | undefined): string {
  const names = (roles ?? []).filter((role) => role.inEveryRequest).map(({ name }) => `“${isolated(name)}”`);
  const chosen = "The people you add can read it";
  if (names.length === 0) return `${chosen}.`;
  return `${chosen}, and so can everybody with the role ${OR.format(names)}.`;
}
