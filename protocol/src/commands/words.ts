/** One word of a typed command, or one `key=value`; what stood in quotation marks is one word without them. */
export type Word = { readonly key?: string; readonly text: string };

/** Straight quotation marks, and those that phones put in their place. */
const CLOSING: Readonly<Record<string, string>> = { '"': '"', "'": "'", "“": "”", "„": "“", "‘": "’" };

/** @returns undefined when a quotation mark is not closed */
export function splitWords(line: string): Word[] | undefined {
  const words: Word[] = [];
  let at = 0;
  while (at < line.length) {
    if (/\s/.test(line[at] ?? "")) {
      at += 1;
      continue;
    }
    const key = /^([a-z_]+)=/i.exec(line.slice(at))?.[1];
    if (key !== undefined) at += key.length + 1;
    const open = line[at] ?? "";
    let text: string;
    if (Object.hasOwn(CLOSING, open)) {
      const end = endOfQuote(line, at);
      if (end < 0) return undefined;
      text = line.slice(at + 1, end);
      at = end + 1;
    } else {
      text = /^\S*/.exec(line.slice(at))?.[0] ?? "";
      at += text.length;
    }
    words.push(key === undefined ? { text } : { key: key.toLowerCase(), text });
  }
  return words;
}

/** A mark of any kind closes what its like opened: a phone may have curled only one of them. */
function endOfQuote(line: string, at: number): number {
  const open = line[at] ?? "";
  const closers = '"“”„'.includes(open) ? '"”“' : "'’‘";
  for (let end = at + 1; end < line.length; end += 1) if (closers.includes(line[end] ?? "")) return end;
  return -1;
}
