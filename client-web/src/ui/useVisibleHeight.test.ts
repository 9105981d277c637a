import { expect, test } from "vitest";
import { visibleHeight } from "./useVisibleHeight.ts";

test.each([
  ["a keyboard that lies over the page", 844, { height: 420.4, scale: 1 }, 420],
  ["a page that got smaller by itself", 420, { height: 420, scale: 1 }, undefined],
  ["a page that somebody has zoomed into", 844, { height: 400, scale: 2.1 }, undefined],
  ["half a pixel between the two", 844, { height: 843.5, scale: 1 }, undefined],
])("%s", (_, layout, visual, height) => {
  expect(visibleHeight(layout, visual)).toBe(height);
});
