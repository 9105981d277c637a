import { describe, expect, it } from "vitest";
import { comingWords, deliveryWords, nothingCame, nothingGiven } from "./grantWords.ts";

describe("a yes that brings no key gets a word of its own", () => {
  const ask = { state: "given", name: "Asker", byName: "Giver" } as const;

  it("for who asked: what the device says of it, or that all was here already", () => {
    expect(nothingCame({ keys: 0, problem: "Nothing came." })).toBe("Nothing came.");
    expect(nothingCame({ keys: 0 })).toContain("did not have already");
    expect(nothingCame({ keys: 1 })).toBeUndefined();
    expect(nothingCame({})).toBeUndefined();
  });

  it("for admins: whose device had none, and who may have them", () => {
    expect(nothingGiven({ ...ask, keys: 0 })).toMatch(/^Giver’s device had none .* Asker can ask again\.$/);
    expect(nothingGiven({ ...ask, keys: 1 })).toBeUndefined();
    expect(nothingGiven(ask)).toBeUndefined();
    expect(nothingGiven({ ...ask, state: "revoked", keys: 0 })).toBeUndefined();
  });

  it("for admins: a device that had all of them already", () => {
    const device = { deviceId: "D", state: "imported" } as const;
    expect(deliveryWords({ ...device, taken: 0 })).toBe("D: arrived, nothing new in it");
    expect(deliveryWords({ ...device, taken: 3 })).toBe("D: arrived");
    expect(deliveryWords({ ...device, state: "ended", taken: 0 })).toBe("D: deleted again");
  });
});

it("says how many files of a grant are here", () => {
  expect(comingWords({ progress: { done: 0, of: 1 } })).toBe("Keys are coming: 0 of 1 file.");
  expect(comingWords({ progress: { done: 1, of: 3 } })).toBe("Keys are coming: 1 of 3 files.");
  expect(comingWords({ progress: { done: 1, of: 3 }, problem: "No room." })).toBe("No room.");
});
