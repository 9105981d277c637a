import { LogEntryId, RequestChanges, RequestFields } from "@hearth/protocol";
import { describe, expect, it } from "vitest";
import { changesBetween, checkForm, EMPTY_FORM, rebase, seenOf, take, toFields, toForm } from "./form.ts";

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

describe("an edit that others come between", () => {
  const first = LogEntryId.parse("A".repeat(22));
  const second = LogEntryId.parse(`${"B".repeat(21)}A`);
  const setBy = { description: first, location: first };
  const before = toForm(RequestFields.parse(FULL));
  const typed = { before, form: { ...before, location: "north stairs" }, seen: setBy };
  const warned = { ...before, description: "Do not approach: weapon seen" };

  it("takes over what its writer did not touch, and sends nothing of it", () => {
    const { draft, conflicts } = rebase(typed, warned, { ...setBy, description: second });
    expect(conflicts).toEqual([]);
    expect(draft.form).toMatchObject({ description: warned.description, location: "north stairs" });
    expect(changesBetween(draft.before, draft.form)).toEqual({ location: "north stairs" });
  });

  it("asks where both changed the same, and names what its writer has seen by then", () => {
    const now = { ...before, location: "behind the bus depot" };
    const moved = { ...setBy, location: second };
    const { draft, conflicts } = rebase(typed, now, moved);
    expect(conflicts).toEqual(["location"]);
    expect(draft.form.location).toBe("north stairs");
    const mine = take(draft, "location", now, moved, "mine");
    expect(rebase(mine, now, moved).conflicts).toEqual([]);
    const changes = changesBetween(mine.before, mine.form) ?? {};
    expect(changes).toEqual({ location: "north stairs" });
    expect(seenOf(changes, mine.seen)).toEqual({ location: second });
    const theirs = take(draft, "location", now, moved, "theirs");
    expect(changesBetween(theirs.before, theirs.form)).toBeUndefined();
    // The same thing typed by two is no conflict, and one that comes while one chooses is another.
    expect(rebase(typed, typed.form, moved).conflicts).toEqual([]);
    expect(rebase(mine, warned, setBy).conflicts).toEqual(["location"]);
  });

  it("says that no entry had set a field", () => {
    expect(seenOf({ caller_contact: "1" }, setBy)).toEqual({ caller_contact: null });
  });
});
