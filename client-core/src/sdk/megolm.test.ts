import { unpaddedBase64 } from "@hearth/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { firstIndex, messageIndex } from "./megolm.ts";

const base64 = (bytes: readonly number[]) => unpaddedBase64(Uint8Array.from(bytes));

/** As protocol buffers write a number: seven bits a byte, the lowest first. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push((rest % 128) + (rest >= 128 ? 128 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return bytes;
}

test("[Q9] the place of a message in its session is read from its ciphertext", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), (index) => {
      expect(messageIndex(base64([3, 8, ...varint(index), 0x12, 16, ...Array<number>(16).fill(7)]))).toBe(
        index,
      );
    }),
  );
});

test("[Q9] of what is no Megolm message it is not known", () => {
  for (const text of ["", "????", base64([2, 8, 1]), base64([3, 9, 1]), base64([3, 8, 0x80]), 7, undefined])
    expect(messageIndex(text)).toBeUndefined();
});

test("[Q5] from which message on a key opens is read from the key", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), (index) => {
      const bytes = [1, ...[24, 16, 8, 0].map((shift) => (index >>> shift) & 0xff), 9, 9, 9];
      expect(firstIndex(base64(bytes))).toBe(index);
    }),
  );
});
