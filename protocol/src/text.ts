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

const FSI = "\u2068";
const PDI = "\u2069";
/** Hebrew, Arabic and whatever else runs from right to left, its digits and marks among it. */
const RIGHT_TO_LEFT =
  /[\u0590-\u08FF\u200F\uFB1D-\uFDFF\uFE70-\uFEFF\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}]/u;
const ISOLATED = /\u2068([^\u2068\u2069]*)\u2069/gu;

/**
 * A text that somebody wrote, for the middle of a sentence of ours: cleaned, and isolated (FSI … PDI), so that its
 * direction turns nothing round that stands beside it. What has nothing from right to left in it can't, and goes without
 * the marks: it is copied and searched as it is read. Where there is markup, `<bdi>` does the same.
 */
export function isolated(text: string): string {
  const clean = cleanText(text);
  return RIGHT_TO_LEFT.test(clean) ? `${FSI}${clean}${PDI}` : clean;
}

/** A text without the marks of `isolated`: to search in, to sort by, to take first letters of. */
export function withoutIsolates(text: string): string {
  return text.replace(/[\u2068\u2069]/gu, "");
}

/** A text as it is shown: clean, whoever wrote it and whenever, except that isolates which are closed stay. */
export function shownText(text: string): string {
  const parts: string[] = [];
  let from = 0;
  for (const { 0: whole, 1: inside = "", index } of text.matchAll(ISOLATED)) {
    parts.push(cleanText(text.slice(from, index)), FSI, cleanText(inside), PDI);
    from = index + whole.length;
  }
  return parts.length === 0 ? cleanText(text) : [...parts, cleanText(text.slice(from))].join("");
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
