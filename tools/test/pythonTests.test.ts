import { describe, expect, test } from "vitest";
import { readUnittest } from "./pythonTests.ts";

const run = (lines: string, ok: boolean) => {
  const { passed, failed, skipped } = readUnittest(lines, ok);
  return { passed, failed, skipped };
};

describe("reading Python's summary", () => {
  test("all passed, some skipped", () => {
    expect(run("Ran 12 tests in 0.2s\n\nOK (skipped=2)\n", true)).toEqual({
      passed: 10,
      failed: 0,
      skipped: 2,
    });
  });

  test("failures and errors both count as failed", () => {
    const lines = "Ran 12 tests in 0.2s\n\nFAILED (failures=1, errors=2, expected failures=3)\n";
    expect(run(lines, false)).toEqual({ passed: 9, failed: 3, skipped: 0 });
  });

  test("no tests are a failure, whichever way Python says so", () => {
    expect(run("Ran 0 tests in 0.0s\n\nNO TESTS RAN\n", false).failed).toBe(1);
    expect(run("Ran 0 tests in 0.0s\n\nOK\n", true).failed).toBe(1);
  });

  test("a Python that crashed is a failure, also after its summary", () => {
    expect(run("Segmentation fault\n", false).failed).toBe(1);
    expect(run("Ran 3 tests in 0.0s\n\nOK\n", false)).toEqual({ passed: 2, failed: 1, skipped: 0 });
  });
});
