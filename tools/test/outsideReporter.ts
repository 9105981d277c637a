import { writeFileSync } from "node:fs";
import { relative } from "node:path";
import type { Reporter } from "vitest/node";
import type { Failure } from "./failures.ts";

/** For vitest, beside its own reporters: writes what went wrong outside of any test, which its JSON report leaves out. @public */
export default class OutsideReporter implements Reporter {
  onTestRunEnd: NonNullable<Reporter["onTestRunEnd"]> = (_modules, errors) => {
    const file = process.env["HEARTH_OUTSIDE_FILE"];
    if (file === undefined) return;
    const failures = errors.map((error): Failure => {
      const { VITEST_TEST_PATH: during } = error as { VITEST_TEST_PATH?: unknown };
      return {
        file: typeof during === "string" ? relative(process.cwd(), during) : "somewhere",
        name: "an error that nobody handled, outside of a test",
        message: error.stack ?? error.message,
      };
    });
    writeFileSync(file, JSON.stringify(failures));
  };
}
