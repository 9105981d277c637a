import { Problem } from "../setup/index.mjs";
import type { Durations } from "./durations.ts";
import type { Failure } from "./failures.ts";

/** What a phase found. A check without tests of its own (format, arrows) counts as one. */
export type Outcome = {
  passed: number;
  failed: number;
  skipped: number;
  /** Shown when something failed; empty when the phase already streamed what it had to say. */
  output: string;
  /** The tests that failed, where the phase knows them one by one. */
  failures: readonly Failure[];
  /** How long it took, where the phase knows better than whoever called it. */
  milliseconds?: number;
  /** How long each of its test files took. */
  files: Durations;
};

export const nothing: Outcome = { passed: 0, failed: 0, skipped: 0, output: "", failures: [], files: {} };

export function check(ok: boolean, output: string): Outcome {
  return { ...nothing, passed: ok ? 1 : 0, failed: ok ? 0 : 1, output };
}

export function sum(outcomes: readonly Outcome[]): Outcome {
  return outcomes.reduce(
    (all, one) => ({
      passed: all.passed + one.passed,
      failed: all.failed + one.failed,
      skipped: all.skipped + one.skipped,
      output: one.failed > 0 ? `${all.output}${one.output}` : all.output,
      failures: [...all.failures, ...one.failures],
      files: { ...all.files, ...one.files },
    }),
    nothing,
  );
}

/** A phase that ran no test proves nothing, so it fails: an empty folder must not look like success. */
export function demandTests(outcome: Outcome, what: string): Outcome {
  if (outcome.passed + outcome.failed > 0) return outcome;
  return { ...outcome, failed: 1, output: `${outcome.output}\nNo test ran: ${what}.\n` };
}

/** Of what could not even be begun: an outcome that says why. */
export function broken(error: unknown): Outcome {
  if (error instanceof Problem) return check(false, `${[...error.details, error.message].join("\n")}\n`);
  return check(false, `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
}
