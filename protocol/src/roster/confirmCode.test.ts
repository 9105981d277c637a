import { expect, test } from "vitest";
import { confirmCode } from "./confirmCode.ts";
import { masterKey, user } from "./testing/admins.ts";

test("[M8] the code is thirty digits, another for another person and another key", () => {
  const code = confirmCode(user("sam"), masterKey("sam"));
  expect(code).toMatch(/^\d{5}( \d{5}){5}$/);
  expect(confirmCode(user("sam"), masterKey("sam"))).toBe(code);
  expect(confirmCode(user("sam"), masterKey("ghost"))).not.toBe(code);
  expect(confirmCode(user("ann"), masterKey("sam"))).not.toBe(code);
});
