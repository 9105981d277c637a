import { durationMs } from "@hearth/protocol";

export type Unit = "weeks" | "days" | "hours" | "minutes" | "seconds";
export type Span = { readonly count: string; readonly unit: Unit };

const UNITS: readonly { unit: Unit; ms: number; iso: (count: number) => string }[] = [
  { unit: "weeks", ms: 604_800_000, iso: (count) => `P${count}W` },
  { unit: "days", ms: 86_400_000, iso: (count) => `P${count}D` },
  { unit: "hours", ms: 3_600_000, iso: (count) => `PT${count}H` },
  { unit: "minutes", ms: 60_000, iso: (count) => `PT${count}M` },
  { unit: "seconds", ms: 1000, iso: (count) => `PT${count}S` },
];

/** "P14D" as 14 days: the largest unit but weeks that leaves no remainder, as people say it. */
export function toSpan(iso: string): Span {
  const ms = durationMs(iso) ?? 0;
  const fits =
    UNITS.find(({ unit, ms: each }) => unit !== "weeks" && ms >= each && ms % each === 0) ?? UNITS[4];
  return { count: String(ms / (fits?.ms ?? 1000)), unit: fits?.unit ?? "seconds" };
}

/** The ISO 8601 duration, or undefined if the count is no whole number above zero or too large. */
export function fromSpan({ count, unit }: Span): string | undefined {
  if (!/^\d+$/.test(count.trim())) return undefined;
  const iso = UNITS.find((each) => each.unit === unit)?.iso(Number(count.trim()));
  return iso !== undefined && durationMs(iso) !== undefined ? iso : undefined;
}

/** The unit as it is said after the count: "day" after 1. */
export function unitWord(count: string, unit: Unit): string {
  return count.trim() === "1" ? unit.slice(0, -1) : unit;
}
