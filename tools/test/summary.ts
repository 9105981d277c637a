import { seconds } from "../setup/index.mjs";
import { slowest } from "./durations.ts";
import { failuresAgain, type Failure } from "./failures.ts";
import { sum, type Outcome } from "./outcome.ts";

/** What a phase found, and how long it took. */
export type Row = Outcome & { name: string; milliseconds: number };

const SLOWEST = 10;

/**
 * The last screen of a run: what failed, a row for each phase, the slowest files, and one line to go by.
 * @param milliseconds how long all took: less than its phases together, because they run beside each other
 * @param missing how many phases were wanted and did not run
 */
export function summary(rows: readonly Row[], milliseconds: number, missing: number): string[] {
  const total = sum(rows);
  const block = (lines: readonly string[]) => (lines.length > 0 ? [...lines, ""] : []);
  const counted = (name: string, time: number, { passed, failed, skipped }: Outcome) =>
    line(name, seconds(time), String(passed), String(failed), String(skipped));
  const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : "";
  return [
    ...block(failuresAgain(rows.flatMap(failures))),
    ...block(slowest(total.files, SLOWEST)),
    line("phase", "time", "passed", "failed", "skipped"),
    ...rows.map((row) => counted(row.name, row.milliseconds, row)),
    counted("all", milliseconds, total),
    ...(missing > 0 ? [`${missing} ${missing === 1 ? "phase" : "phases"} did not run.`] : []),
    "",
    `${total.passed} passed, ${total.failed} failed${skipped}`,
  ];
}

/** A phase that can't tell its tests apart stands for itself; what it had to say is further up. */
function failures({ name, failed, failures: each, output }: Row): readonly Failure[] {
  if (failed === 0) return [];
  return each.length > 0 ? each : [{ file: name, name: "see above", message: output.trim() }];
}

function line(name: string, time: string, ...counts: string[]): string {
  return `${name.padEnd(12)} ${time.padStart(9)} ${counts.map((count) => count.padStart(8)).join("")}`;
}
