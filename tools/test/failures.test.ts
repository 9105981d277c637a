import { expect, test } from "vitest";
import { failuresAgain } from "./failures.ts";

const failure = (name: string, message = "Error: not so") => ({
  file: "e2e/integration/x.test.ts",
  name,
  message,
});

test("a run without a failure has nothing to say again", () => {
  expect(failuresAgain([])).toEqual([]);
});

test("each failure is named with its file and its reason, without colours and other people's frames", () => {
  const lines = failuresAgain([
    failure(
      "[P3] forgets",
      "\u001b[31mError: still there\u001b[39m\n    at a.ts:1\n    at /x/node_modules/y.js:1",
    ),
  ]);
  expect(lines).toEqual([
    "What failed:",
    "  ✗ e2e/integration/x.test.ts: [P3] forgets",
    "    Error: still there",
    "        at a.ts:1",
  ]);
});

test("long reasons and many failures stay on one screen, and none goes unnamed", () => {
  const long = Array.from({ length: 200 }, (_, at) => `line ${at} ${"x".repeat(5000)}`).join("\n");
  const names = Array.from({ length: 40 }, (_, at) => `test ${at}`);
  const lines = failuresAgain(names.map((name) => failure(name, long)));
  for (const name of names) expect(lines.some((line) => line.endsWith(`: ${name}`))).toBe(true);
  expect(lines.length).toBeLessThan(140);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(1300);
});
