import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ALL_COMMANDS, ALL_EVENTS, RETIRED } from "./catalogue.ts";
import { moduleTable, withTables } from "./tables.ts";

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");

test("[T1] the tables on SPEC.md are those of the catalogue: `npm run tables` writes them", () => {
  const page = read("../SPEC.md");
  expect(page).toBe(withTables(page, RETIRED));
});

test("[T4] a name goes from SPEC.md only if it is said what it was", () => {
  const page = read("../SPEC.md").replaceAll("`records.reads`", "`records.gone`");
  expect(() => withTables(page, RETIRED)).toThrow(/"records.gone" is defined no more/);
  expect(withTables(page, { ...RETIRED, "records.gone": "a test's" })).not.toContain("records.gone");
  expect(() => withTables("an empty page", RETIRED)).toThrow(/no place for the table/);
});

test("[P2] the module's table for org rooms is the catalogue's: `npm run tables` writes it", () => {
  const committed = read("../../synapse-config/module/hearth_policy/org_rooms.json");
  expect(JSON.parse(committed)).toEqual(moduleTable());
});

test("[P2] nothing sensitive is in that table, and everything has its limit", () => {
  const rows = Object.values(moduleTable()).flat();
  const sensitive = new Set<string>(ALL_EVENTS.filter(({ kind }) => kind !== "org").map(({ type }) => type));
  expect(rows.length).toBeGreaterThan(15);
  for (const { type, limit } of rows) {
    expect(sensitive).not.toContain(type);
    expect(type).toMatch(/^org\.hearth\./);
    expect(limit).toBeGreaterThan(0);
    expect(limit).toBeLessThan(64 * 1024);
  }
});

test.each(ALL_COMMANDS.map((command) => [command.name, command] as const))(
  "[T2] %s says how it is typed, what help says and what the audit says, or that it does not",
  (_, { args, example, text, help, audit, words }) => {
    const given = args.parse(JSON.parse(JSON.stringify(example))) as never;
    expect(text === null).toBe(help === null);
    expect(words.label).not.toBe("");
    if (audit === null) return;
    const kept = "keeps" in audit ? audit.keeps(given) : given;
    expect(audit.sentence(kept as never)).toMatch(/^[a-z].{5,}/);
  },
);
