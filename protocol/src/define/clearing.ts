import type { AnyRecord } from "./catalogue.ts";
import { recordAt } from "./catalogue.ts";
import type { Clearing, Fate } from "./record.ts";

export type ClearingStep = { readonly record: string; readonly fate: Exclude<Fate, "kept"> };

/**
 * What is destroyed goes first, so that nobody can read what a later step fails to delete. What is past the window: rooms
 * are folded without it before its keys go, and the plan says what is under way, so it stays until the end.
 */
const FATES: readonly ClearingStep["fate"][] = ["destroyed", "past", "deleted", "renewed"];
const PAST_ORDER: readonly string[] = ["records.rooms", "cryptoStore", "records.prunePlan"];

/**
 * Walks the table: what of a device's stored things goes at a clearing, in the order in which it must.
 * @param records every definition there is
 * @returns a step for each kind that does not stay as it is
 */
export function clearingSteps(clearing: Clearing, records: Iterable<AnyRecord>): ClearingStep[] {
  const steps = [...records].flatMap(({ name, fates }): ClearingStep[] => {
    const fate = fates[clearing];
    return fate === "kept" ? [] : [{ record: name, fate }];
  });
  const rank = ({ record, fate }: ClearingStep) =>
    FATES.indexOf(fate) * 100 + Math.max(0, PAST_ORDER.indexOf(record));
  return steps.toSorted((a, b) => rank(a) - rank(b));
}

export type StoredKey = { readonly collection: string; readonly key: string };

/**
 * Which stored rows go at a clearing, as far as whole rows go: the encrypted records that are `deleted` then.
 * @param present what lies in the store now
 * @returns `unknown`: those that no definition names. They stay, and somebody is to be told.
 */
export function rowsToClear(
  clearing: Clearing,
  present: readonly StoredKey[],
  records: Iterable<AnyRecord>,
): { readonly gone: StoredKey[]; readonly unknown: StoredKey[] } {
  const defined = [...records];
  const gone: StoredKey[] = [];
  const unknown: StoredKey[] = [];
  for (const row of present) {
    const definition = recordAt(defined, row.collection, row.key);
    if (!definition) unknown.push(row);
    else if (definition.fates[clearing] === "deleted") gone.push(row);
  }
  return { gone, unknown };
}
