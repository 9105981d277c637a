import { RequestChanges, RequestFields } from "@hearth/protocol";
import { describe, expect, it } from "vitest";
import { changesBetween, checkForm, EMPTY_FORM, toFields, toForm } from "./form.ts";

const FULL = {
  description: "Somebody needs a ride",
  types: ["fall"],
  location: "By the old mill",
  caller_name: "A neighbour",
  call_started: 1_700_000_000_000,
  priority: "urgent",
  tags: ["crowd"],
} as const satisfies RequestFields | object;

describe("the request form", () => {
  it("gives back what it was filled with", () => {
    const fields = RequestFields.parse(FULL);
    expect(toFields(toForm(fields))).toEqual(fields);
  });

  it("sends only what changed, and null for what was emptied", () => {
    const before = toForm(RequestFields.parse(FULL));
    const changes = changesBetween(before, {
      ...before,
      location: " ",
      priority: "critical",
      description: FULL.description + "  ",
    });
    expect(changes).toEqual({ location: null, priority: "critical" });
    expect(RequestChanges.safeParse(changes).success).toBe(true);
    expect(changesBetween(before, { ...before })).toBeUndefined();
  });

  it("wants a description, and refuses what would not fit, beside its field", () => {
    expect(checkForm(EMPTY_FORM).description).toBeDefined();
    expect(checkForm({ ...EMPTY_FORM, description: "x".repeat(70_000) }).description).toMatch(/20,000/);
    expect(
      checkForm({ ...EMPTY_FORM, description: "x", call_started: 2000, call_ended: 1000 }).call_ended,
    ).toBeDefined();
    expect(checkForm({ ...EMPTY_FORM, description: "x" })).toEqual({});
  });
});
