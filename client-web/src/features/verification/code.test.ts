import { base64 } from "@hearth/protocol";
import { describe, expect, test } from "vitest";
import { drawCode, readCode } from "./code.ts";

/** A picture of the code, as a camera that sees it well would give it. */
function picture(data: string, scale: number) {
  const { path, size } = drawCode(data);
  const side = size * scale;
  const pixels = new Uint8ClampedArray(side * side * 4).fill(255);
  for (const [, x, y] of path.matchAll(/M(\d+) (\d+)h1v1h-1z/g))
    for (let dy = 0; dy < scale; dy += 1)
      for (let dx = 0; dx < scale; dx += 1) {
        const at = ((Number(y) * scale + dy) * side + Number(x) * scale + dx) * 4;
        pixels.fill(0, at, at + 3);
      }
  return { width: side, height: side, data: pixels };
}

describe("a code on a screen", () => {
  test("comes back byte for byte, whatever the bytes are", () => {
    // Of the size and kind of a real one, with every byte that there is.
    const bytes = [...new TextEncoder().encode("MATRIX"), 2, 0, ...Array.from({ length: 256 }, (_, i) => i)];
    const data = base64(Uint8Array.from(bytes));
    expect(readCode(picture(data, 4))).toBe(data);
  });

  test("a picture without one gives nothing", () => {
    const blank = { width: 64, height: 64, data: new Uint8ClampedArray(64 * 64 * 4).fill(200) };
    expect(readCode(blank)).toBeUndefined();
  });
});
