import { existsSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { root } from "../setup/index.mjs";
import committed from "./durations.json" with { type: "json" };
import { longestFirst, slowest } from "./durations.ts";

const letter: fc.Arbitrary<string> = fc.constantFrom("a", "b", "c", "d", "e");

describe("the order of test files", () => {
  const order = (files: string[], known: Record<string, number>) =>
    longestFirst(files, (file) => file, known);

  test("the longest comes first, and what nobody knows before it", () => {
    expect(order(["short", "long", "new"], { short: 1, long: 9 })).toEqual(["new", "long", "short"]);
  });

  test("loses no file, adds none, and leaves equals in their order", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(letter),
        fc.dictionary(letter, fc.integer({ min: 0, max: 3 })),
        (files, durations) => {
          const ordered = order(files, durations);
          expect(ordered.toSorted()).toEqual(files.toSorted());
          const seconds = (file: string) => durations[file] ?? Infinity;
          for (const [at, file] of ordered.entries()) {
            const next = ordered[at + 1];
            if (next === undefined) continue;
            expect(seconds(file)).toBeGreaterThanOrEqual(seconds(next));
            if (seconds(file) === seconds(next))
              expect(files.indexOf(file)).toBeLessThan(files.indexOf(next));
          }
        },
      ),
    );
  });

  test("the list for a clone in which nothing has run names files that there are", () => {
    expect(Object.keys(committed).filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });
});

describe("the slowest files", () => {
  test("are named with their seconds, slowest first, and no more than asked for", () => {
    const durations = Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`${at}.test.ts`, at * 10]));
    const lines = slowest(durations, 10);
    expect(lines).toHaveLength(11);
    expect(lines[1]).toBe("   110.0 s  11.test.ts");
    expect(lines.at(-1)).toBe("    20.0 s  2.test.ts");
  });

  test("of a run without tests nothing is said", () => {
    expect(slowest({}, 10)).toEqual([]);
  });
});
