// How long each test file takes: known from the last runs on this machine, else from a list made on another one.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { dataFolder } from "../setup/index.mjs";

/** Seconds by test file, a path below the project's root. */
export type Durations = Readonly<Record<string, number>>;

const FROM_HERE = join(dataFolder, "test", "durations.json");
/** For a clone in which nothing has run yet. Only which is longer matters, so it need not be kept up with every change. */
const COMMITTED = join(import.meta.dirname, "durations.json");

export function knownDurations(): Durations {
  return { ...read(COMMITTED), ...read(FROM_HERE) };
}

export function keepDurations(durations: Durations): void {
  mkdirSync(dirname(FROM_HERE), { recursive: true });
  writeFileSync(FROM_HERE, `${JSON.stringify({ ...read(FROM_HERE), ...durations }, undefined, 2)}\n`);
}

/**
 * Files in the order in which workers that share them are done soonest: the longest first, so that none is left over
 * when the others have nothing to do any more. One that nobody knows may be the longest of all. Those that are equal
 * stay in their order.
 */
export function longestFirst<File>(
  files: readonly File[],
  nameOf: (file: File) => string,
  known: Durations,
): File[] {
  const seconds = (file: File) => known[nameOf(file)] ?? Infinity;
  return files.toSorted((a, b) => (seconds(a) === seconds(b) ? 0 : seconds(b) - seconds(a)));
}

/** Lines that name the `count` files that took longest. */
export function slowest(durations: Durations, count: number): string[] {
  const all = Object.entries(durations).toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  if (all.length === 0) return [];
  return [
    "The slowest test files:",
    ...all.slice(0, count).map(([file, seconds]) => `${seconds.toFixed(1).padStart(8)} s  ${file}`),
  ];
}

function read(path: string): Durations {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Durations;
  } catch {
    return {};
  }
}
