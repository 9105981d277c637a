import { expect, test } from "vitest";
import { list } from "./list.ts";

test("lists read as people write them", () => {
  expect([[], ["a"], ["a", "b"], ["a", "b", "c"]].map(list)).toEqual(["", "a", "a and b", "a, b and c"]);
});
