import { expect, it } from "vitest";
import { count } from "./count.ts";

it("says one of something as one, and none or more of it as many", () => {
  expect([0, 1, 2].map((n) => count(n, "key"))).toEqual(["0 keys", "1 key", "2 keys"]);
  expect([1, 2].map((n) => count(n, "person", "people"))).toEqual(["1 person", "2 people"]);
});
