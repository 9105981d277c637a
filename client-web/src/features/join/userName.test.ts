import { describe, expect, it } from "vitest";
import { checkUserName, suggestUserName } from "./userName.ts";

describe("user names", () => {
  it("what is suggested from any name is allowed, or empty", () => {
    for (const name of ["Demo Responder", "Éloïse Ñandú", "  --x-- ", "123", "日本"]) {
      const suggested = suggestUserName(name);
      expect(suggested === "" ? undefined : checkUserName(suggested)).toBeUndefined();
    }
    expect(suggestUserName("Éloïse Ñandú")).toBe("eloise-nandu");
  });

  it("says what is wrong", () => {
    expect(checkUserName("")).toBeDefined();
    expect(checkUserName("@demo:example.org")).toMatch(/without @/);
    expect(checkUserName("Demo")).toMatch(/lower-case letters/);
    expect(checkUserName("two words")).toMatch(/without spaces/);
    expect(checkUserName("demo.one")).toBeUndefined();
  });
});
