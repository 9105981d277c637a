import { expect, test } from "vitest";
import { render } from "./render.ts";

test("values are put in as JSON, so that none breaks out of its place", () => {
  expect(render("a: $a\nb: [$b]\n", { a: 'x"\ny: z', b: [1, { c: true }] })).toBe(
    'a: "x\\"\\ny: z"\nb: [[1,{"c":true}]]\n',
  );
});

test("comments stay as they are", () => {
  expect(render("# a $name\na: $a", { a: 1 })).toBe("# a $name\na: 1");
});

test("a name without a value and a value without a name are errors", () => {
  expect(() => render("a: $a", {})).toThrow("asks for a");
  expect(() => render("a: 1", { b: 2 })).toThrow("does not ask for b");
});
