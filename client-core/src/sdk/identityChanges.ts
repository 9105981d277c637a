import type { MatrixClient } from "matrix-js-sdk";
import { internalsOf } from "./patches.ts";

const countsOf = new WeakMap<MatrixClient, Map<string, number>>();

/**
 * Counts from now on, for each person, how often their identity was exchanged or changed. Comparing keys before and after
 * is not enough: a server that changes them and changes them back in between leaves no trace in a comparison. Devices need
 * no count of their own: one that the identity has not signed gets nothing, and what is sent goes to named keys.
 *
 * Not by the SDK's event, which comes only after it has looked the new identity up, and so perhaps after the next one.
 */
export function countIdentityChanges(client: MatrixClient): void {
  const crypto = internalsOf(client);
  const counts = new Map<string, number>();
  countsOf.set(client, counts);
  // The machine's word that somebody's identity is another one now; the SDK looks this method up at each call.
  const taken = crypto.onUserIdentityUpdated.bind(crypto);
  crypto.onUserIdentityUpdated = (user) => {
    const userId = user.toString();
    counts.set(userId, (counts.get(userId) ?? 0) + 1);
    return taken(user);
  };
}

/** How often this person's identity changed since the client was opened. To be asked before what it stands for is read. */
export function identityChangesOf(client: MatrixClient, userId: string): number {
  const counts = countsOf.get(client);
  if (!counts) throw new Error("changes of identities are not counted for this client");
  return counts.get(userId) ?? 0;
}
