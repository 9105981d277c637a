import { z } from "zod";

/**
 * ISO 8601 durations of fixed length (weeks, days, hours, minutes, seconds). Years and months are refused: their
 * length depends on the calendar, and a promise about deletion must not.
 */
const PATTERN = /^P(?:(\d{1,5})W)?(?:(\d{1,5})D)?(?:T(?=\d)(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,8})S)?)?$/;
const UNITS = [604_800_000, 86_400_000, 3_600_000, 60_000, 1000] as const;

/** Milliseconds of an ISO 8601 duration, or undefined if it isn't one or is zero. */
export function durationMs(text: string): number | undefined {
  const match = PATTERN.exec(text);
  if (!match) return undefined;
  const ms = UNITS.reduce((sum, unit, i) => sum + unit * Number(match[i + 1] ?? 0), 0);
  return ms > 0 ? ms : undefined;
}

export const Duration = z
  .string()
  .refine((text) => durationMs(text) !== undefined, "must be a duration such as P14D, PT72H or PT30S")
  .brand("Duration");
export type Duration = z.infer<typeof Duration>;

/** Milliseconds of a parsed duration. */
export function toMs(duration: Duration): number {
  return durationMs(duration) as number;
}
