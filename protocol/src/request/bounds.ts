/** No entry of ours is nested deeper than five; what is deeper than this was made to break a reader. */
const MOST_DEEP = 32;
/** Homeservers refuse events above 65,536 bytes: what came out of one can't be longer. */
const MOST_LONG = 65_536;

/**
 * Whether a decrypted content is no deeper and no longer than an event can be, so that all that is done to it ends:
 * folding and hashing go down into it by recursion. Looks at no more than it must, and needs no stack of its own.
 */
export function isBounded(content: unknown): boolean {
  const waiting: { readonly value: unknown; readonly depth: number }[] = [{ value: content, depth: 0 }];
  let length = 0;
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { value, depth } = next;
    length += typeof value === "string" ? value.length : 1;
    if (depth > MOST_DEEP || length > MOST_LONG) return false;
    if (typeof value !== "object" || value === null) continue;
    for (const [name, member] of Object.entries(value)) {
      length += name.length;
      waiting.push({ value: member, depth: depth + 1 });
      if (waiting.length > MOST_LONG) return false;
    }
  }
  return true;
}
