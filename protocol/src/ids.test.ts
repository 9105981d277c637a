import fc from "fast-check";
import { expect, test } from "vitest";
import { DisplayId } from "./request/displayId.ts";
import { displayIdFor } from "./request/displayId.ts";
import { base64url } from "./base64.ts";
import {
  EventId,
  idFromBytes,
  LogEntryId,
  memberStateKey,
  OrgId,
  RoleId,
  RoomId,
  UserId,
  userIdFromMemberStateKey,
} from "./ids.ts";

test.each([
  [UserId, ["@sam:hearth.localhost", "@a.b_c=d/e+f-1:x.example:8448", "@sam:[::1]:80"]],
  [RoomId, ["!abc", "!abc:x.example"]],
  [EventId, ["$abc-_"]],
  [OrgId, ["north-side-1"]],
  [RoleId, ["dispatcher", "night_crew-2"]],
  [LogEntryId, ["AAAAAAAAAAAAAAAAAAAAA_"]],
])("[I1] takes what is an id", (schema, good) => {
  for (const id of good) expect(schema.parse(id)).toBe(id);
});

test.each([
  [UserId, ["sam:x", "@sam", "@Sam:x", "@sam:x y", "@:x", `@${"a".repeat(255)}:x`, "@sam:x\n", "@sam:x\0"]],
  [RoomId, ["abc", "! a", "!", "#a:x"]],
  [EventId, ["abc", "$", "$a b"]],
  [OrgId, ["", "North", "a_b", "a".repeat(65)]],
  [RoleId, ["", "Night Crew", "a".repeat(33)]],
  [LogEntryId, ["A".repeat(21), "A".repeat(23), `${"A".repeat(21)}=`, `${"A".repeat(22)}\n`]],
])("[I1] refuses what is none", (schema, bad) => {
  for (const id of [...bad, undefined, null, 7, {}])
    expect([id, schema.safeParse(id).success]).toEqual([id, false]);
});

test("[I2] 16 bytes make 22 characters of base64url, and other lengths none", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
      expect(idFromBytes(bytes)).toBe(Buffer.from(bytes).toString("base64url"));
      expect(LogEntryId.safeParse(idFromBytes(bytes)).success).toBe(true);
    }),
  );
  expect(() => idFromBytes(new Uint8Array(15))).toThrow(RangeError);
});

test("[I2] base64url is that of RFC 4648 for any length", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(base64url(bytes)).toBe(Buffer.from(bytes).toString("base64url"));
    }),
  );
});

test("[I3] a member's state key is the user id without its @, and back", () => {
  const sam = UserId.parse("@sam:x.example");
  expect(memberStateKey(sam)).toBe("sam:x.example");
  expect(userIdFromMemberStateKey("sam:x.example")).toBe(sam);
  for (const wrong of ["@sam:x.example", "sam", ""]) expect(userIdFromMemberStateKey(wrong)).toBeUndefined();
});

test("[I4] a display id is the day and three characters that nobody mixes up", () => {
  expect(displayIdFor({ month: 11, day: 23 }, new Uint8Array([9, 31, 0]))).toBe("1123-K9A");
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 31 }),
      fc.uint8Array({ minLength: 3, maxLength: 3 }),
      (month, day, random) => {
        const id = displayIdFor({ month, day }, random);
        expect(DisplayId.parse(id)).toBe(id);
        expect(id.slice(5)).not.toMatch(/[IO01]/);
      },
    ),
  );
  expect(() => displayIdFor({ month: 1, day: 1 }, new Uint8Array(2))).toThrow(RangeError);
});
