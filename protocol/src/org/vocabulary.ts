import { z } from "zod";
import { defineState } from "../define/state.ts";
import { openObject } from "../define/unknown.ts";

/**
 * The org's own lists: attributes of people, tags and types of requests, each by category. Items have ids, so
 * that a rename leaves old requests readable; a removed one stays, marked.
 */
const Item = openObject({
  id: z.string().regex(/^[a-z0-9_-]{1,64}$/),
  name: z.string().trim().min(1).max(80),
  removed: z.boolean().optional(),
});

export const VocabularyContent = openObject({
  v: z.literal(1),
  categories: z
    .array(
      openObject({
        id: z.string().regex(/^[a-z0-9_-]{1,64}$/),
        name: z.string().trim().min(1).max(80),
        items: z.array(Item).max(200),
      }),
    )
    .max(60),
});
export type VocabularyContent = z.infer<typeof VocabularyContent>;

const example: z.input<typeof VocabularyContent> = {
  v: 1,
  categories: [{ id: "languages", name: "Languages", items: [{ id: "spanish", name: "Spanish" }] }],
};

export const Attributes = defineState({
  type: "org.hearth.attributes",
  words: { label: "Attributes of people" },
  writer: "bot",
  limit: 60 * 1024,
  schema: VocabularyContent,
  example,
});
export const Tags = defineState({
  type: "org.hearth.tags",
  words: { label: "Tags of requests" },
  writer: "bot",
  limit: 60 * 1024,
  schema: VocabularyContent,
  example,
});
export const RequestTypes = defineState({
  type: "org.hearth.request_types",
  words: { label: "Types of requests" },
  writer: "bot",
  limit: 60 * 1024,
  schema: VocabularyContent,
  example,
});
