import { expect, test } from "vitest";
import { RequestFields } from "../request/fields.ts";
import { DEFAULT_ATTRIBUTES, DEFAULT_REQUEST_TYPES, DEFAULT_TAGS } from "./defaults.ts";
import { VocabularyContent } from "./vocabulary.ts";

test.each([
  ["request types", DEFAULT_REQUEST_TYPES, 26],
  ["tags", DEFAULT_TAGS, 6],
  ["attributes", DEFAULT_ATTRIBUTES, 3],
])("[T3] the default %s are valid, with unique ids", (_, vocabulary, categories) => {
  expect(VocabularyContent.parse(JSON.parse(JSON.stringify(vocabulary)))).toEqual(vocabulary);
  expect(vocabulary.categories).toHaveLength(categories);
  const items = vocabulary.categories.flatMap((category) => category.items.map(({ id }) => id));
  expect(new Set(items).size).toBe(items.length);
  expect(new Set(vocabulary.categories.map(({ id }) => id)).size).toBe(categories);
  expect(vocabulary.categories.every((category) => category.items.length >= 2)).toBe(true);
  // An event's content is at most 65,536 bytes (Matrix specification, "Size limits").
  expect(JSON.stringify(vocabulary).length).toBeLessThan(30_000);
});

test("[T3] a request can name any of the default types and tags", () => {
  for (const { items } of DEFAULT_REQUEST_TYPES.categories)
    expect(RequestFields.safeParse({ description: "x", types: items.map(({ id }) => id) }).success).toBe(
      true,
    );
  for (const { items } of DEFAULT_TAGS.categories)
    expect(RequestFields.safeParse({ description: "x", tags: items.map(({ id }) => id) }).success).toBe(true);
});
