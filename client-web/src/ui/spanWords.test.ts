import { expect, it } from "vitest";
import { spanWords } from "./spanWords.ts";

it("says a wait in the largest unit that is plain, rounded up", () => {
  const said = [1, 1_000, 14_001, 89_000, 90_000, 3_600_000, 7_200_000, 31 * 86_400_000].map(spanWords);
  expect(said).toEqual([
    "1 second",
    "1 second",
    "15 seconds",
    "89 seconds",
    "2 minutes",
    "60 minutes",
    "2 hours",
    "31 days",
  ]);
});
