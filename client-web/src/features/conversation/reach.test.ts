import fc from "fast-check";
import { expect, test } from "vitest";
import { mapLinks, phoneIn } from "./reach.ts";

test.each([
  ["555 0100", "5550100"],
  ["+49 (30) 555-0100", "+49305550100"],
  ["her neighbour, 030/5550100, after six", "0305550100"],
  ["call (212) 555–0100.", "2125550100"],
  ["flat 12, then 555 01 00", "5550100"],
  ["by e-mail: pat5550100@example.org", undefined],
  ["room 12", undefined],
  ["knock at the window", undefined],
  ["", undefined],
])("the phone number in %j is %s", (text, phone) => {
  expect(phoneIn(text)).toBe(phone);
});

test("a tel: link has digits alone, whatever was typed; a map's link keeps every word and no more than the words", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      expect(phoneIn(text) ?? "12345").toMatch(/^\+?\d{5,15}$/);
      const { web } = mapLinks(text);
      const url = new URL(web);
      expect(url.origin).toBe("https://www.openstreetmap.org");
      expect([...url.searchParams.keys()]).toEqual(["query"]);
      expect(url.searchParams.get("query")).toBe(text.trim().replaceAll(/\s+/g, " "));
    }),
  );
});
