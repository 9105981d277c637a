import { describe, expect, test } from "vitest";
import { lanesFor } from "./lanes.ts";
import { work } from "./phases.ts";

const named = (...names: string[]) =>
  work.filter(({ phases }) => phases.some(({ name }) => names.includes(name)));
const shape = (...names: string[]) =>
  lanesFor(named(...names)).map(({ queue, output, width }) => ({
    queue: queue.flatMap(({ phases }) => phases.map(({ name }) => name)),
    output,
    width,
  }));

describe("which phases run beside each other", () => {
  test("the client is built before the tests that walk through it; what needs neither runs beside them", () => {
    expect(shape("format", "types", "unit", "web", "integration", "journeys")).toEqual([
      { queue: ["web", "integration", "journeys"], output: "lines", width: 1 },
      { queue: ["format", "types", "unit"], output: "keep", width: 1 },
    ]);
  });

  test("without tests against real servers two phases run at once, and none of them twice", () => {
    const lanes = lanesFor(named("format", "lint", "types"));
    expect(lanes).toHaveLength(2);
    expect(lanes[0]?.queue).toBe(lanes[1]?.queue);
    expect(lanes.every(({ output }) => output === "keep")).toBe(true);
  });

  test("a phase alone, or two in one run, have the terminal to themselves", () => {
    expect(shape("unit")).toEqual([{ queue: ["unit"], output: "inherit", width: 2 }]);
    expect(shape("journeys").map(({ output }) => output)).toEqual(["inherit"]);
  });

  test("nothing that is wanted gets lost", () => {
    const all = lanesFor(work).flatMap(({ queue }) => queue);
    expect(new Set(all)).toEqual(new Set(work));
    expect(all).toHaveLength(work.length);
  });
});
