import { z } from "zod";
import { defineEvent } from "../eventType.ts";

/**
 * The org's own lists: attributes of people, tags and types of requests, each by category. Items have ids, so
 * that a rename leaves old requests readable; a removed one stays, marked.
 */
const Item = z.object({
  id: z.string().regex(/^[a-z0-9_-]{1,64}$/),
  name: z.string().trim().min(1).max(80),
  removed: z.boolean().optional(),
});

export const VocabularyContent = z.object({
  v: z.literal(1),
  categories: z
    .array(
      z.object({
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

export const Attributes = defineEvent({
  type: "org.hearth.attributes",
  kind: "org",
  schema: VocabularyContent,
  example,
});
export const Tags = defineEvent({ type: "org.hearth.tags", kind: "org", schema: VocabularyContent, example });
export const RequestTypes = defineEvent({
  type: "org.hearth.request_types",
  kind: "org",
  schema: VocabularyContent,
  example,
});
