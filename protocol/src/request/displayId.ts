import { z } from "zod";

/** The short name people say aloud, such as `1123-K7Q`. */
export const DisplayId = z.string().regex(/^\d{4}-[A-HJ-NP-Z2-9]{3}$/);

/** Without I, O, 0 and 1, which people mix up when they say or hear them. */
const LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/**
 * A request's short name: the day it began, and three characters by chance, such as `1123-K7Q`.
 * @param day month and day as the person who opens it counts them
 * @param random at least 3 random bytes; the caller brings the randomness
 */
export function displayIdFor(
  day: { readonly month: number; readonly day: number },
  random: Uint8Array,
): string {
  if (random.length < 3) throw new RangeError("a display id needs 3 random bytes");
  const two = (n: number) => String(n).padStart(2, "0");
  const letters = Array.from(random.subarray(0, 3), (byte) => LETTERS[byte & 31]).join("");
  return `${two(day.month)}${two(day.day)}-${letters}`;
}
