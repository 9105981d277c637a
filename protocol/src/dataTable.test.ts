import type { z } from "zod";
import { expect, test } from "vitest";
import * as protocol from "./index.ts";
import { ALL_EVENTS, ALL_RECORDS } from "./catalogue.ts";
import { DATA_TABLE, MATRIX_ROWS, type DataTable } from "./dataTable.ts";
import type { EventDefinition } from "./define/event.ts";
import { defineRecord } from "./define/record.ts";
import { defineState } from "./define/state.ts";

type AnyDefinition = EventDefinition<z.ZodType> & { type: string };

const isDefinition = (value: unknown): value is AnyDefinition =>
  typeof value === "object" && value !== null && "type" in value && "schema" in value && "example" in value;

test("[T1] every event that the package defines has a row, of the kind that its definition says", () => {
  const defined = Object.values(protocol).filter(isDefinition);
  expect(defined.length).toBeGreaterThan(15);
  for (const definition of defined) expect(new Set<unknown>(ALL_EVENTS)).toContain(definition);
  for (const { type, kind } of ALL_EVENTS) expect([type, DATA_TABLE[type].kind]).toEqual([type, kind]);
});

test("[T1] the table has a row for each event and each stored field, and no other", () => {
  const names = [
    ...ALL_EVENTS.map(({ type }) => type),
    ...Object.keys(MATRIX_ROWS),
    ...ALL_RECORDS.map(({ name }) => name),
  ];
  expect(new Set(names).size).toBe(names.length);
  expect(Object.keys(DATA_TABLE).toSorted()).toEqual(names.toSorted());
});

test("[T1] a missing row does not compile", () => {
  const { rootKey: _, ...without } = DATA_TABLE;
  // @ts-expect-error: this table says nothing of the root key
  const incomplete: DataTable = without;
  expect(incomplete).not.toHaveProperty("rootKey");
});

test("[T1] nothing can be defined that does not say what clears it, or who may write how much of it", () => {
  const { name, schema, example, words, stored } = ALL_RECORDS[0];
  // @ts-expect-error: a record that says nothing of what clears it
  expect(() => defineRecord({ name, schema, example, words, stored, kind: "system" })).toThrow();
  // @ts-expect-error: state that anybody could write, as much as they like
  expect(defineState({ type: "org.hearth.example", schema, example, words })).toHaveProperty("type");
});

test.each(ALL_EVENTS.map((definition): [string, AnyDefinition] => [definition.type, definition]))(
  "[T2] the example of %s is valid, and survives JSON",
  (_, { schema, example }) => {
    expect(schema.parse(JSON.parse(JSON.stringify(example)))).toEqual(example);
  },
);

test.each(ALL_EVENTS.map((definition): [string, AnyDefinition] => [definition.type, definition]))(
  "[T2] %s refuses what is no content at all",
  (_, { schema }) => {
    for (const wrong of [undefined, null, 1, "text", [], {}])
      expect(schema.safeParse(wrong).success).toBe(false);
  },
);
