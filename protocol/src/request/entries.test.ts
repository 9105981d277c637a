import { expect, test } from "vitest";
import { historyOf, REQUEST_ENTRIES, waitingTitle, type NewEntry } from "./entries.ts";
import { describeLogEntry } from "./reduce.ts";
import { RULES } from "./rules.ts";

test.each(REQUEST_ENTRIES.map((entry) => [entry.type, entry] as const))(
  "%s says how it reads, waits and is refused, and gives its rule",
  (type, entry) => {
    const what = describeLogEntry(type, entry.example);
    if (!what || what.kind === "refused") return expect.fail("can't be read");
    expect(historyOf(what)).toMatch(/^[a-z]{3,}.{3,}/);
    const payload = entry.payload.parse(entry.example);
    expect(waitingTitle({ type, payload } as NewEntry)).toMatch(/^[A-Z].{3,}/);
    for (const sentence of [entry.ask.notPermitted, entry.ask.invalid])
      expect(sentence).toMatch(/^[A-Z].{10,}\.$/);
    const rule = RULES.entries.find((each) => each.type === type);
    expect(rule).toMatchObject({ since: entry.since, permission: entry.permission });
  },
);

test("no two entries are asked for by one name", () => {
  const kinds = REQUEST_ENTRIES.map(({ ask }) => ask.kind);
  expect(new Set(kinds).size).toBe(kinds.length);
});
