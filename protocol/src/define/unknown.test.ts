import fc from "fast-check";
import { expect, test } from "vitest";
import { z } from "zod";
import { CATALOGUE } from "../catalogue.ts";
import { Lifecycle } from "../org/lifecycle.ts";
import { RosterEvent } from "../roster/statement.ts";
import { openObject, unknownFields } from "./unknown.ts";
import { readContent } from "./versions.ts";

/** A statement is signed as it is; a request's lifecycle lies in a sensitive room, which takes its exact shape alone. */
const CLOSED: readonly string[] = [RosterEvent.type, Lifecycle.type];
const open = [...CATALOGUE.events.values()].filter(
  ({ family, type }) => family === "state" && !CLOSED.includes(type),
);

const later = fc.dictionary(
  fc.string({ minLength: 1 }).map((name) => `later_${name}`),
  fc.jsonValue(),
  {
    minKeys: 1,
    noNullPrototype: true,
  },
);

test.each(open.map((each) => [each.type, each] as const))(
  "[T8] what a later version adds to %s is read along, and known as unknown",
  (_, definition) => {
    fc.assert(
      fc.property(later, (more) => {
        const content = { ...(definition.example as object), ...more };
        const read = readContent(definition, content);
        expect(read).toEqual({ ok: true, content });
        expect(unknownFields(definition.schema, content)).toEqual(more);
      }),
    );
  },
);

test("[T8] what is said in later fields of a part of it stays with that part", () => {
  const schema = z.object({ parts: z.array(openObject({ id: z.string() })) });
  const content = { parts: [{ id: "a", later: 1 }, { id: "b" }] };
  expect(schema.parse(content)).toEqual(content);
});

test("of what is no object, or has no fields, nothing is unknown", () => {
  for (const [schema, content] of [
    [z.string(), { a: 1 }],
    [z.object({}), null],
    [z.object({}), "text"],
    [z.object({}), undefined],
  ] as const)
    expect(unknownFields(schema, content)).toEqual({});
});
