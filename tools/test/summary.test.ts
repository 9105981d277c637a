import { expect, test } from "vitest";
import { check, nothing } from "./outcome.ts";
import { summary } from "./summary.ts";

const format = { ...check(false, "two files are not formatted\n"), name: "format", milliseconds: 2_000 };
const unit = {
  ...nothing,
  passed: 7,
  skipped: 1,
  name: "unit",
  milliseconds: 90_000,
  files: { "protocol/src/a.test.ts": 3.25, "tools/test/b.test.ts": 12 },
};

test("a row for each phase, all by the clock on the wall, the slowest files, and the line to go by last", () => {
  expect(summary([format, unit], 91_000, 1)).toEqual([
    "What failed:",
    "  ✗ format: see above",
    "    two files are not formatted",
    "",
    "The slowest test files:",
    "    12.0 s  tools/test/b.test.ts",
    "     3.3 s  protocol/src/a.test.ts",
    "",
    "phase             time   passed  failed skipped",
    "format           2.0 s        0       1       0",
    "unit            90.0 s        7       0       1",
    "all             91.0 s        7       1       1",
    "1 phase did not run.",
    "",
    "7 passed, 1 failed, 1 skipped",
  ]);
});

test("a run in which nothing failed says so in its last line", () => {
  expect(summary([{ ...unit, skipped: 0, files: {} }], 91_000, 0).at(-1)).toBe("7 passed, 0 failed");
});
