import { expect, test } from "vitest";
import { matches, namedIn, namedOnly, readBy, type Key } from "./change.ts";
import { share } from "./share.ts";

test("a pattern stands for all keys that begin and end like it, and for no others", () => {
  expect(matches("policy", "policy")).toBe(true);
  expect(matches("room/*/log", "room/!a:example/log")).toBe(true);
  expect(matches("room/*/log", "room/!a:example/members")).toBe(false);
  expect(matches("org/org.hearth.duty/*", "org/org.hearth.duty/@sam:example")).toBe(true);
  expect(matches("org/org.hearth.duty/*", "org/org.hearth.duty/")).toBe(true);
  expect(matches("org/org.hearth.duty/*", "org/org.hearth.profile/@sam:example")).toBe(false);
  expect(matches("room/*/log", "room/log" as Key)).toBe(false);
});

test("what is named by keys is what stands for the star, also with slashes in it", () => {
  const keys = new Set<Key>(["keys/@a:x", "org/org.hearth.duty/@b/c:x", "roster"]);
  expect(namedIn(keys, "org/org.hearth.duty/*")).toEqual(["@b/c:x"]);
  expect(namedOnly(keys, ["keys/*", "org/org.hearth.duty/*"])).toBeUndefined();
  expect(namedOnly(new Set<Key>(["keys/@a:x"]), ["keys/*"])).toEqual(new Set(["@a:x"]));
  expect(readBy(["keys/*", "roster"], keys)).toEqual(new Set(["keys/@a:x", "roster"]));
});

test("what has not changed keeps its identity, wherever it stands in the list", () => {
  const before = {
    loaded: true,
    rows: [
      { roomId: "a", types: ["x"] },
      { roomId: "b", types: [] },
    ],
  };
  const [a, b] = before.rows;
  const after = share(before, {
    loaded: true,
    rows: [
      { roomId: "c", types: [] },
      { roomId: "b", types: ["y"] },
      { roomId: "a", types: ["x"] },
    ],
  });
  expect(after.rows[2]).toBe(a);
  expect(after.rows[1]).not.toBe(b);
  expect(after.rows[1]).toEqual({ roomId: "b", types: ["y"] });
  expect(share(before, structuredClone(before))).toBe(before);
});

test("a field that is gone, or came, makes another value; one by an odd name is a field like others", () => {
  expect(share({ a: 1, b: 2 }, { a: 1 })).toEqual({ a: 1 });
  expect(share({ a: 1 }, { a: 1, b: undefined })).toHaveProperty("b");
  const odd = JSON.parse('{"__proto__":{"a":1}}') as object;
  expect(Object.keys(share({}, odd))).toEqual(["__proto__"]);
});
