const MOST_DEEP = 64;

/**
 * JSON with its keys in order of their UTF-16 code units and nothing between the tokens, so that equal values give
 * equal text on every device. `undefined` members are left out. For values without cycles.
 * @throws RangeError for what is nested deeper than anything of ours: what others wrote is refused before it comes here
 */
export function canonicalJson(value: unknown, depth = 0): string {
  if (depth > MOST_DEEP) throw new RangeError("nested too deep to be written as canonical JSON");
  if (Array.isArray(value)) return `[${value.map((one) => canonicalJson(one, depth + 1)).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member, depth + 1)}`);
    return `{${members.join(",")}}`;
  }
  return JSON.stringify(value) ?? "null";
}
