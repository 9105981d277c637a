/** At least so many digits: fewer are a house number, not somebody's phone. */
const FEWEST_DIGITS = 5;
const MOST_DIGITS = 15;

/**
 * The first phone number in what was typed about how to reach somebody, as a `tel:` link takes it.
 * @returns digits, with a leading + where it was typed; undefined if there is none
 */
export function phoneIn(text: string): string | undefined {
  for (const [found] of text.matchAll(
    /(?<![\p{L}\p{N}_@])\+?\(?\d[\d\s().\-/\u00A0\u2010-\u2013]*\d(?![\p{L}\p{N}_@])/gu,
  )) {
    const digits = found.replaceAll(/\D/g, "");
    if (digits.length < FEWEST_DIGITS || digits.length > MOST_DIGITS) continue;
    return found.startsWith("+") ? `+${digits}` : digits;
  }
  return undefined;
}

/** Where a map is looked for by words. Whoever opens it tells the company behind it where. */
export function mapLinks(location: string): { readonly web: string; readonly app: string } {
  const words = encodeURIComponent(location.toWellFormed().trim().replaceAll(/\s+/g, " "));
  return { web: `https://www.openstreetmap.org/search?query=${words}`, app: `geo:0,0?q=${words}` };
}
