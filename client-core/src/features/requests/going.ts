import type { RequestState, UserId } from "@hearth/protocol";

export type Going = { readonly userId: UserId; readonly status: "on_the_way" | "on_site" };

/**
 * Who goes, as far as their own words tell: whoever said last that they are on the way or on site, until the status says
 * that it is over or begins again. Of what a summary told, nobody knows who said it.
 * @returns in the order in which they first said so
 */
export function goingOf({ history }: Pick<RequestState, "history">): readonly Going[] {
  const going = new Map<UserId, Going["status"]>();
  for (const { sender, what } of history) {
    if (what.kind === "closed" || what.kind === "reopened") going.clear();
    if (what.kind !== "status") continue;
    if (what.status === "on_the_way" || what.status === "on_site") going.set(sender, what.status);
    else going.clear();
  }
  return [...going].map(([userId, status]) => ({ userId, status }));
}
