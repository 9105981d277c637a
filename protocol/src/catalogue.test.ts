import { expect, test } from "vitest";
import { z } from "zod";
import { ALL_EVENTS, ALL_RECORDS, CATALOGUE } from "./catalogue.ts";
import { CatalogueError, catalogueOf, recordAt } from "./define/catalogue.ts";
import { WITH_THE_SESSION, defineRecord } from "./define/record.ts";
import { defineState } from "./define/state.ts";
import { readContent, type Versioned } from "./define/versions.ts";

const words = { label: "Example" };
const state = (type: string, upcasts: readonly { from: number }[] = []) =>
  defineState({
    type,
    words,
    writer: "bot",
    limit: 1024,
    schema: z.object({ v: z.number() }),
    example: { v: 1 },
    upcasts: upcasts.map(({ from }) => ({ from, example: { v: from }, up: (content) => content })),
  });
const record = (name: string, key?: string) =>
  defineRecord({
    name,
    words,
    kind: "org",
    stored: { collection: "example", ...(key === undefined ? {} : { key }) },
    schema: z.string(),
    example: "",
    clearedBy: WITH_THE_SESSION,
  });

test("[T4] two definitions of one name do not start", () => {
  const events = [state("org.hearth.example"), state("org.hearth.example")];
  expect(() => catalogueOf({ events, records: [] })).toThrow(CatalogueError);
  const records = [record("records.example", "a"), record("records.example", "b")];
  expect(() => catalogueOf({ events: [], records })).toThrow(/defined twice/);
});

test("[T4] two kinds of records in one place do not start", () => {
  const records = [record("records.one"), record("records.other")];
  expect(() => catalogueOf({ events: [], records })).toThrow(/same place/);
});

test("[T4] a name that was used once does not come again", () => {
  const retired = { "org.hearth.example": "something else" };
  expect(() => catalogueOf({ events: [state("org.hearth.example")], records: [], retired })).toThrow(
    /something else/,
  );
});

test("[T5] upcasts that leave a version out do not start", () => {
  expect(() => catalogueOf({ events: [state("org.hearth.example", [{ from: 2 }])], records: [] })).toThrow(
    /must take version 1/,
  );
});

test.each(
  [...ALL_EVENTS, ...ALL_RECORDS].map((each) => ["type" in each ? each.type : each.name, each] as const),
)(
  "[T5] the examples of every version of %s can be read",
  (_, definition: Versioned<z.ZodType> & { readonly example: unknown }) => {
    const examples = [definition.example, ...(definition.upcasts ?? []).map(({ example }) => example)];
    for (const example of examples)
      expect(readContent(definition, JSON.parse(JSON.stringify(example)))).toMatchObject({ ok: true });
  },
);

test("[T5] what an earlier version wrote is read as the newest, whatever lies between them", () => {
  const definition: Versioned<z.ZodType> = {
    schema: z.object({ v: z.literal(3), names: z.array(z.string()) }),
    upcasts: [
      { from: 1, example: { v: 1, name: "a" }, up: ({ name }) => ({ v: 2, names: name }) },
      { from: 2, example: { v: 2, names: "a" }, up: ({ names }) => ({ v: 3, names: [names] }) },
    ],
  };
  const read = { ok: true, content: { v: 3, names: ["a"] } };
  expect(readContent(definition, { v: 1, name: "a" })).toEqual(read);
  expect(readContent(definition, { v: 2, names: "a" })).toEqual(read);
  expect(readContent(definition, { v: 3, names: ["a"] })).toEqual(read);
});

test("[T5] content of a later version, or of none, is told apart and never thrown", () => {
  const definition: Versioned<z.ZodType> = {
    schema: z.object({ v: z.literal(2) }),
    upcasts: [
      {
        from: 1,
        example: { v: 1 },
        up() {
          throw new Error("met what version 1 never wrote");
        },
      },
    ],
  };
  expect(readContent(definition, { v: 3 })).toEqual({ ok: false, reason: "newer_version" });
  expect(readContent(definition, { v: 99, more: true })).toEqual({ ok: false, reason: "newer_version" });
  let deep: unknown = 1;
  for (let depth = 0; depth < 1000; depth += 1) deep = { v: 1, deep };
  for (const wrong of [{ v: 1 }, { v: 0 }, { v: "2" }, { v: 1.5 }, null, undefined, [], "text", deep])
    expect(readContent(definition, wrong)).toEqual({ ok: false, reason: "malformed" });
});

test("[T1] a kind of record is told from where it lies", () => {
  const name = (collection: string, key: string) =>
    recordAt(CATALOGUE.records.values(), collection, key)?.name;
  expect(name("rooms", "!room")).toBe("records.rooms");
  expect(name("session", "tokens")).toBe("records.session.tokens");
  expect(name("access", "own:AAAA")).toBe("records.access.own");
  expect(name("access", "unheard of")).toBeUndefined();
  expect(name("misc", "roster")).toBeUndefined();
});
