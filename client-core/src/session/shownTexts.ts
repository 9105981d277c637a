import { shownText } from "@hearth/protocol";

/** What a value was cleaned to; itself, when there was nothing to clean. What is shown is immutable. */
const CLEANED = new WeakMap<object, object>();

/**
 * A value that goes to a screen, with every text in it as it is shown (`shownText`). Whatever was read was taken as it
 * came, so this is the one door that all of it passes. Parts that are clean stay the very same, so that whoever compares
 * need not look into them; what was looked at before is not looked at again.
 */
export function shownTexts<Value>(value: Value): Value {
  if (typeof value === "string") return (isPlain(value) ? value : shownText(value)) as Value;
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  const known = CLEANED.get(value);
  if (known) return known as Value;
  const shown = Array.isArray(value) ? listOf(value) : fieldsOf(value);
  CLEANED.set(value, shown);
  return shown as Value;
}

function listOf(list: readonly unknown[]): object {
  const shown = list.map(shownTexts);
  return shown.every((one, i) => one === list[i]) ? list : shown;
}

function fieldsOf(fields: object): object {
  const before = Object.entries(fields);
  const shown = before.map(([name, value]) => [name, shownTexts<unknown>(value)] as const);
  return shown.every(([, value], i) => value === before[i]?.[1]) ? fields : Object.fromEntries(shown);
}

/** Most texts are, and need no looking at letter by letter. */
function isPlain(text: string): boolean {
  return /^[\n\t -~]*$/u.test(text);
}
