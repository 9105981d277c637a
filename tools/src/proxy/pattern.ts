// What may stand for a parameter of the allow-list: a regular expression of the few signs that every engine reads the
// same (JavaScript here, PCRE in nginx), so that one piece of data means one thing on both sides of a production edge.

/** One sign of a pattern: a character or class that matches exactly one character, or what holds those together. */
export interface Sign {
  readonly kind: "one" | "group";
  readonly text: string;
}

const SIGNS =
  /(?<one>\[(?:\\w)?[\w.:=+~@/-]+\]|\\[wd.$]|[A-Za-z0-9_@!-])|(?<group>[()|]|\{\d{1,3}(,\d{1,3})?\})/y;

/** @returns the signs of a pattern, or undefined if it has one that another engine might read otherwise */
export function signsOf(pattern: string): readonly Sign[] | undefined {
  const signs: Sign[] = [];
  for (let at = 0; at < pattern.length;) {
    SIGNS.lastIndex = at;
    const found = SIGNS.exec(pattern);
    if (!found) return undefined;
    signs.push({ kind: found.groups?.["one"] === undefined ? "group" : "one", text: found[0] });
    at += found[0].length;
  }
  return signs;
}
