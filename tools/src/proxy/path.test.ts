import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { plainPath, SESSION_ID, spellPath } from "./path.ts";

describe("[P1] a path means one thing only", () => {
  test.each([
    "/_matrix/client/v3/rooms/../../../_synapse/admin/v1/users",
    "/_matrix/client/v3/./login",
    "/_matrix/client/v3/%2e%2e/login",
    "/_matrix/client/v3/%2E/login",
    "/_matrix/client/v3/.%2e/login",
    "/_matrix//client/v3/login",
    "//_matrix/client/v3/login",
    "/_matrix/client/v3/rooms/!a%2Fstate/members",
    "/_matrix/client/v3/rooms/!a%2fstate/members",
    "/_matrix/client/v3/rooms/!a%5cstate/members",
    `/_matrix/client/v3/rooms/${"a".repeat(20)}%2F..${"b".repeat(20)}/members`,
    "/_matrix/client/v3/rooms/!a%252fstate/members",
    "/_matrix/client/v3\\login",
    "/_matrix/client/v3/login%00",
    "/_matrix/client/v3/login%0a",
    "/_matrix/client/v3/%zz",
    "/_matrix/client/v3/%c3%28",
    "/_matrix/client/v3/lögin",
    "/_matrix/client/v3/login#x",
    "http://elsewhere/_matrix/client/v3/login",
    "*",
    "",
  ])("%s is refused", (target) => {
    expect(plainPath(target)).toBeUndefined();
  });

  test.each([
    ["/_matrix/client/versions", ["_matrix", "client", "versions"], ""],
    ["/a/%21room%3Aserver/%24event?x=1&y=%2F..", ["a", "!room:server", "$event"], "?x=1&y=%2F.."],
    ["/a/m.room.encrypted/", ["a", "m.room.encrypted", ""], ""],
    ["/", [""], ""],
    ["/..a/b..", ["..a", "b.."], ""],
    [`/a/${"x".repeat(20)}%2F%2f${"y".repeat(21)}`, ["a", `${"x".repeat(20)}//${"y".repeat(21)}`], ""],
  ])("%s is read", (target, segments, query) => {
    expect(plainPath(target)).toEqual({ segments, query });
  });

  test("what is read and spelled again reads the same, and has no slash of its own in a segment but a session's id", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "grapheme" }), { minLength: 1 }), (parts) => {
        const read = plainPath(spellPath(parts));
        if (read === undefined) return;
        expect(read.segments).toEqual(parts);
        const others = read.segments.filter((segment) => !SESSION_ID.test(segment));
        expect(others.join("")).not.toMatch(/[/\\]/);
      }),
    );
  });
});
