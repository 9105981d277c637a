import { z } from "zod";
import { defineState } from "../define/state.ts";
import { openObject } from "../define/unknown.ts";
import { toMs } from "../duration.ts";
import { POLICY_FIRST, POLICY_SHAPE } from "../policy/table.ts";

/** What an org has decided: the table's fields, and how they hang together. */
export const PolicyContent = openObject({
  v: z.literal(1),
  ...POLICY_SHAPE,
})
  .refine((policy) => toMs(policy.key_block) <= toMs(policy.key_window), {
    path: ["key_block"],
    error: "key_block must not be longer than key_window",
  })
  .refine((policy) => toMs(policy.key_window) < toMs(policy.retention), {
    path: ["key_window"],
    error: "key_window must be shorter than retention",
  })
  .refine((policy) => toMs(policy.retention) <= 10 * 365 * 86_400_000, {
    path: ["retention"],
    error: "retention must be ten years or less",
  });
export type PolicyContent = z.infer<typeof PolicyContent>;

export const Policy = defineState({
  type: "org.hearth.policy",
  words: { label: "What the organisation has decided" },
  writer: "bot",
  limit: 8 * 1024,
  schema: PolicyContent,
  example: { v: 1, name: "Example Crisis Team", ...POLICY_FIRST },
});

/** The policy an org starts with. */
export function defaultPolicy(name: string): PolicyContent {
  return PolicyContent.parse({ ...Policy.example, name });
}
