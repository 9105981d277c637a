import fc from "fast-check";
import { expect, test } from "vitest";
import { isLaterVersion, VERSION } from "./version.ts";

const version = fc.tuple(fc.nat(999), fc.nat(999), fc.nat(999));

test("of two versions that differ one comes after the other, by their numbers", () => {
  fc.assert(
    fc.property(version, version, (a, b) => {
      const later = a.map((number, i) => number - (b[i] ?? 0)).find((each) => each !== 0) ?? 0;
      expect(isLaterVersion(a.join("."), b.join("."))).toBe(later > 0);
    }),
  );
});

test("ten comes after nine", () => {
  expect(isLaterVersion("0.10.0", "0.9.9")).toBe(true);
  expect(isLaterVersion("0.9.9", "0.10.0")).toBe(false);
});

test("what is no version comes after none, so nobody is sent to reload for it", () => {
  for (const other of [undefined, null, 2, "", "latest", "1.0", "1.0.0-next", "9".repeat(40), {}])
    expect(isLaterVersion(other)).toBe(false);
  expect(isLaterVersion("999.0.0", "of our own making")).toBe(false);
});

test("the version of this tree is one, and comes not after itself", () => {
  expect(isLaterVersion(VERSION, "0.0.0")).toBe(true);
  expect(isLaterVersion(VERSION)).toBe(false);
});
