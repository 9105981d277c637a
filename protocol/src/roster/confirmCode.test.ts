import { expect, test } from "vitest";
import { confirmCode, rosterCode } from "./confirmCode.ts";
import { RosterHash } from "./statement.ts";
import { masterKey, user } from "./testing/admins.ts";

test("[M8] the code is thirty digits, another for another person and another key", () => {
  const code = confirmCode(user("sam"), masterKey("sam"));
  expect(code).toMatch(/^\d{5}( \d{5}){5}$/);
  expect(confirmCode(user("sam"), masterKey("sam"))).toBe(code);
  expect(confirmCode(user("sam"), masterKey("ghost"))).not.toBe(code);
  expect(confirmCode(user("ann"), masterKey("sam"))).not.toBe(code);
});

test("[M9] the roster's code is thirty digits, another for another founding, and no person's", () => {
  const [first, other] = ["A".repeat(43), "B".repeat(43)].map((text) => RosterHash.parse(text));
  const code = rosterCode(first as RosterHash);
  expect(code).toMatch(/^\d{5}( \d{5}){5}$/);
  expect(rosterCode(first as RosterHash)).toBe(code);
  expect(rosterCode(other as RosterHash)).not.toBe(code);
});
