import { describe, expect, test } from "vitest";
import { check, demandTests, nothing, sum } from "./outcome.ts";

describe("what phases found", () => {
  test("a phase that ran nothing fails and says which", () => {
    const outcome = demandTests(nothing, "project unit");
    expect(outcome.failed).toBe(1);
    expect(outcome.output).toContain("project unit");
  });

  test("skipped tests alone are nothing", () => {
    expect(demandTests({ ...nothing, skipped: 4 }, "project unit").failed).toBe(1);
  });

  test("a sum keeps the output of what failed and drops the rest", () => {
    const all = sum([check(true, "fine\n"), check(false, "broken\n")]);
    expect(all).toMatchObject({ passed: 1, failed: 1, skipped: 0, output: "broken\n" });
  });
});
