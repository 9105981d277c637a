import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { root } from "../setup/index.mjs";
import type { RunNotes } from "./runReporter.ts";
import { outcomesOf } from "./vitest.ts";

const BOTH = ["integration", "journeys"];
const BOT = "e2e/integration/bot.test.ts";
const AXE = "e2e/journeys/axe.test.ts";

const tested = (file: string, ...statuses: string[]) => ({
  name: join(root, file),
  status: statuses.includes("failed") ? "failed" : "passed",
  assertionResults: statuses.map((status) => ({
    status,
    fullName: `${file} ${status}`,
    failureMessages: status === "failed" ? ["Error: not so"] : [],
  })),
});
const notes = (more: Partial<RunNotes> = {}): RunNotes => ({
  outside: [],
  files: [
    { project: "integration", file: BOT, from: 1_000, to: 61_000 },
    { project: "journeys", file: AXE, from: 2_000, to: 12_000 },
  ],
  ...more,
});
const counts = (outcomes: ReturnType<typeof outcomesOf>) =>
  outcomes.map(({ passed, failed, skipped }) => [passed, failed, skipped]);

describe("one run of vitest over two projects", () => {
  test("each has its own tests, files and time", () => {
    const report = {
      testResults: [tested(BOT, "passed", "passed", "pending"), tested(AXE, "passed", "failed")],
    };
    const outcomes = outcomesOf(BOTH, report, notes(), false);
    expect(counts(outcomes)).toEqual([
      [2, 0, 1],
      [1, 1, 0],
    ]);
    expect(outcomes[0]).toMatchObject({ milliseconds: 60_000, files: { [BOT]: 60 }, failures: [] });
    expect(outcomes[1]).toMatchObject({ milliseconds: 10_000, files: { [AXE]: 10 } });
    expect(outcomes[1]?.failures).toEqual([{ file: AXE, name: `${AXE} failed`, message: "Error: not so" }]);
  });

  test("a file that did not load fails its project, also where no note tells of it", () => {
    const report = {
      testResults: [tested(BOT, "passed"), { ...tested(AXE), status: "failed", message: "no" }],
    };
    const outcomes = outcomesOf(BOTH, report, notes({ files: [] }), false);
    expect(counts(outcomes)).toEqual([
      [1, 0, 0],
      [0, 1, 0],
    ]);
    expect(outcomes[1]?.failures).toEqual([{ file: AXE, name: "did not run", message: "no" }]);
  });

  test("an error outside of any test fails the project whose file it came from, else the first", () => {
    const report = { testResults: [tested(BOT, "passed"), tested(AXE, "passed")] };
    const error = (file: string) => ({ file, name: "nobody handled it", message: "Error" });
    expect(counts(outcomesOf(BOTH, report, notes({ outside: [error(AXE)] }), false))).toEqual([
      [1, 0, 0],
      [1, 1, 0],
    ]);
    expect(counts(outcomesOf(BOTH, report, notes({ outside: [error("somewhere")] }), false))).toEqual([
      [1, 1, 0],
      [1, 0, 0],
    ]);
  });

  test("a run that ended badly without saying why is a failure", () => {
    expect(counts(outcomesOf(BOTH, undefined, notes({ files: [] }), false))).toEqual([
      [0, 1, 0],
      [0, 0, 0],
    ]);
    const report = { testResults: [tested(BOT, "passed"), tested(AXE, "passed")] };
    expect(outcomesOf(BOTH, report, notes(), false)[0]?.failed).toBe(1);
    expect(outcomesOf(BOTH, report, notes(), true)[0]?.failed).toBe(0);
  });
});
