/**
 * What has no place in a text: controls but tab and line feed; what overrides or embeds a direction, or isolates one from
 * what stands around it (whoever shows foreign text isolates it as a whole, which one of these would undo); marks of byte
 * order and of annotations; noncharacters. Joiners, LRM, RLM, ALM and flag tags stay: words need them.
 */
const NO_PLACE =
  // eslint-disable-next-line no-control-regex -- control characters are what is taken out
  /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069\uFEFF\uFFF9-\uFFFB\p{Noncharacter_Code_Point}]/gu;
const OTHER_LINE_ENDS = /\r\n?|[\u0085\u2028\u2029]/gu;

/**
 * A text as Hearth writes it. Half of a surrogate pair becomes U+FFFD: encrypted as it is, nobody could read it again, its
 * author included. Composed (NFC), so that the same word is the same text, whatever keyboard it came from. Whatever reads
 * takes all that was ever written. Never for a password: it would no longer be the one that was chosen.
 */
export function cleanText(text: string): string {
  return text.toWellFormed().replace(OTHER_LINE_ENDS, "\n").replace(NO_PLACE, "").normalize("NFC");
}

/**
 * Cleans every text in a value made of plain objects and arrays, names of members excepted.
 * @param isKept says, by its name, of which member nothing is touched
 */
export function cleanTexts<Value>(value: Value, isKept: (name: string) => boolean = () => false): Value {
  if (typeof value === "string") return cleanText(value) as Value;
  if (Array.isArray(value)) return value.map((member) => cleanTexts<unknown>(member, isKept)) as Value;
  if (!isPlain(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, isKept(name) ? member : cleanTexts(member, isKept)]),
  ) as Value;
}

function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
