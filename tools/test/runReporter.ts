import { writeFileSync } from "node:fs";
import { relative } from "node:path";
import type { Reporter } from "vitest/node";
import type { Failure } from "./failures.ts";

/** What vitest's JSON report leaves out of a run. */
export type RunNotes = {
  /** What went wrong outside of any test. */
  readonly outside: readonly Failure[];
  /** Each test file, and when its worker began with it and ended: loading it and what it sets up are in that. */
  readonly files: readonly TimedFile[];
};

export type TimedFile = {
  readonly project: string;
  /** A path below the project's root. */
  readonly file: string;
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
};

/** For vitest, beside its own reporters: writes RunNotes to the file that HEARTH_RUN_NOTES names. @public */
export default class RunReporter implements Reporter {
  readonly #begun = new Map<string, number>();
  readonly #files: TimedFile[] = [];

  onTestModuleQueued: NonNullable<Reporter["onTestModuleQueued"]> = ({ id }) => {
    this.#begun.set(id, Date.now());
  };

  onTestModuleEnd: NonNullable<Reporter["onTestModuleEnd"]> = ({ id, moduleId, project }) => {
    const to = Date.now();
    const file = relative(process.cwd(), moduleId);
    this.#files.push({ project: project.name, file, from: this.#begun.get(id) ?? to, to });
  };

  onTestRunEnd: NonNullable<Reporter["onTestRunEnd"]> = (_modules, errors) => {
    const path = process.env["HEARTH_RUN_NOTES"];
    if (path === undefined) return;
    const outside = errors.map((error): Failure => {
      const { VITEST_TEST_PATH: during } = error as { VITEST_TEST_PATH?: unknown };
      return {
        file: typeof during === "string" ? relative(process.cwd(), during) : "somewhere",
        name: "an error that nobody handled, outside of a test",
        message: error.stack ?? error.message,
      };
    });
    writeFileSync(path, JSON.stringify({ outside, files: this.#files } satisfies RunNotes));
  };
}
