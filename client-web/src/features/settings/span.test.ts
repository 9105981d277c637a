import { durationMs } from "@hearth/protocol";
import { describe, expect, it } from "vitest";
import { fromSpan, toSpan, unitWord } from "./span.ts";

describe("spans of time in the settings", () => {
  it("says what a duration is in words, and gives back the same length", () => {
    expect(toSpan("P14D")).toEqual({ count: "14", unit: "days" });
    expect(toSpan("PT72H")).toEqual({ count: "3", unit: "days" });
    expect(toSpan("PT90M")).toEqual({ count: "90", unit: "minutes" });
    for (const iso of ["P2W", "P1DT12H", "PT45S", "P90D"])
      expect(durationMs(fromSpan(toSpan(iso)) ?? "")).toBe(durationMs(iso));
  });

  it("refuses what is no length of time", () => {
    for (const count of ["", "0", "-1", "1.5", "ten", "9999999999"])
      expect(fromSpan({ count, unit: "days" })).toBeUndefined();
  });

  it("says one of a unit as one", () => {
    expect(["1", " 1 ", "2", ""].map((count) => unitWord(count, "days"))).toEqual([
      "day",
      "day",
      "days",
      "days",
    ]);
  });
});
