import { expect, it } from "vitest";
import { handle } from "./handle.ts";

it("leaves out the reader's own server alone", () => {
  expect(handle("@sam:example.org", "@ada:example.org")).toBe("@sam");
  expect(handle("@sam:other.org", "@ada:example.org")).toBe("@sam:other.org");
  expect(handle("@sam:example.org.evil.test", "@ada:example.org")).toBe("@sam:example.org.evil.test");
  expect(handle("@sam:example.org:8448", "@ada:example.org")).toBe("@sam:example.org:8448");
  expect(handle("@sam:example.org", undefined)).toBe("@sam:example.org");
});
