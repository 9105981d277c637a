import { canonicalJson } from "./canonical.ts";

/**
 * Homeservers refuse events above 65,536 bytes (spec, "Size limits"), and encryption makes a third more of it. The
 * folded request must still fit into one snapshot, its counters beside it.
 */
export const MAX_FIELDS_BYTES = 40_000;
export const MAX_FOLDED_BYTES = 46_000;

export function bytesOf(value: unknown): number {
  return new TextEncoder().encode(canonicalJson(value)).length;
}
