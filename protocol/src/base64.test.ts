import fc from "fast-check";
import { expect, test } from "vitest";
import { base64, base64url, fromBase64, fromBase64url, unpaddedBase64 } from "./base64.ts";

test("[I2] all three forms are those of RFC 4648 for any length, and come back", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 99 }), (bytes) => {
      const node = Buffer.from(bytes);
      expect(base64(bytes)).toBe(node.toString("base64"));
      expect(unpaddedBase64(bytes)).toBe(node.toString("base64").replaceAll("=", ""));
      expect(base64url(bytes)).toBe(node.toString("base64url"));
      for (const text of [base64(bytes), unpaddedBase64(bytes)])
        expect(fromBase64(text)).toEqual(new Uint8Array(bytes));
      expect(fromBase64url(base64url(bytes))).toEqual(new Uint8Array(bytes));
    }),
  );
});

test("[I2] what none of them writes is not read", () => {
  for (const text of ["A", "AB", "A=", "A===", "AA=", "AAA==", "A A", "ä", "AA-_", "====", "AB=="])
    expect([text, fromBase64(text)]).toEqual([text, undefined]);
  for (const text of ["A", "AB", "AA==", "AA+/"])
    expect([text, fromBase64url(text)]).toEqual([text, undefined]);
});
