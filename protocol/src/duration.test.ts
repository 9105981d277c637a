import { expect, test } from "vitest";
import { Duration, durationMs, toMs } from "./duration.ts";

test.each([
  ["PT1S", 1000],
  ["PT30M", 1_800_000],
  ["PT72H", 259_200_000],
  ["P14D", 1_209_600_000],
  ["P2W", 1_209_600_000],
  ["P1DT12H30M5S", 131_405_000],
  ["P1W2DT3H", 788_400_000],
])("[I5] %s is %d ms", (text, ms) => {
  expect(durationMs(text)).toBe(ms);
  expect(toMs(Duration.parse(text))).toBe(ms);
});

test.each([
  "",
  "P",
  "PT",
  "P1DT",
  "P1Y",
  "P1M",
  "1D",
  "P-1D",
  "P1.5D",
  "PT0S",
  "P0D",
  "p1d",
  " P1D",
  "P1D\n",
  "PT1S1H",
  "P1H",
  "P999999D",
])("[I5] %j is no duration", (text) => {
  expect(durationMs(text)).toBeUndefined();
  expect(Duration.safeParse(text).success).toBe(false);
});
