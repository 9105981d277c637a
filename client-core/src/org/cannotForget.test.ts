import fc from "fast-check";
import { expect, test } from "vitest";
import { refusesStorage } from "../session/storage/storageRule.ts";
import { listCannotForget } from "./cannotForget.ts";

const ids = fc.uniqueArray(fc.constantFrom<string>("A", "B", "C", "D", "E"));
const storage = fc.constantFrom("bucket", "shared", "memory");

test("a device names itself when it can't forget, takes itself back when it can, and leaves out who is gone", () => {
  fc.assert(
    fc.property(ids, ids, storage, (listed, others, kind) => {
      const list = listCannotForget(listed, { deviceId: "A", storage: kind }, ["A", ...others]);
      expect(list.includes("A")).toBe(kind === "shared");
      for (const id of ["B", "C", "D", "E"])
        expect(list.includes(id)).toBe(listed.includes(id) && others.includes(id));
      expect(listCannotForget(list, { deviceId: "A", storage: kind }, ["A", ...others])).toEqual(list);
    }),
  );
});

test("the policy refuses what can't forget, and nothing else", () => {
  for (const kind of ["bucket", "shared", "memory"] as const) {
    expect(refusesStorage("own", kind)).toBe(kind === "shared");
    expect(refusesStorage("any", kind)).toBe(false);
    expect(refusesStorage(undefined, kind)).toBe(false);
  }
});
