import { expect, test } from "vitest";
import { chooseStored } from "./chooseStored.ts";
import type { Stored } from "./chooseStored.ts";

const place = (name: string, hasKey: boolean, replaces?: string): Stored => ({ name, hasKey, replaces });

test("nothing stored is no session", () => {
  expect(chooseStored([])).toEqual({ leftovers: [] });
});

test("a place without its key is a session that lost it when it is all there is, and a leftover beside a whole one", () => {
  const [whole, torn] = [place("a", true), place("b", false)];
  expect(chooseStored([torn])).toEqual({ current: torn, leftovers: [] });
  expect(chooseStored([whole, torn])).toEqual({ current: whole, leftovers: [torn] });
  expect(chooseStored([torn, whole])).toEqual({ current: whole, leftovers: [torn] });
});

test("[P3] a storage rotation that was killed counts from the moment at which its root key was written", () => {
  for (const [oldName, newName] of [
    ["a", "b"],
    ["b", "a"],
  ] as const) {
    const inOrder = (...places: Stored[]) => places.toSorted((x, y) => (x.name < y.name ? -1 : 1));
    const old = place(oldName, true);
    const half = place(newName, false, oldName);
    expect(chooseStored(inOrder(old, half))).toEqual({ current: old, leftovers: [half] });
    const whole = place(newName, true, oldName);
    expect(chooseStored(inOrder(old, whole))).toEqual({ current: whole, leftovers: [old] });
    const emptied = place(oldName, false);
    expect(chooseStored(inOrder(emptied, whole))).toEqual({ current: whole, leftovers: [emptied] });
    expect(chooseStored([whole])).toEqual({ current: whole, leftovers: [] });
  }
});

test("a whole place that nothing replaces is never a leftover", () => {
  const [one, other] = [place("a", true), place("b", true)];
  expect(chooseStored([one, other])).toEqual({ current: one, leftovers: [] });
});
