import { z } from "zod";
import { Instant } from "../ids.ts";
import { defineState } from "../define/state.ts";
import { openObject } from "../define/unknown.ts";

/** Whether a member is on duty, written by themselves. */
export const DutyContent = openObject({ v: z.literal(1), on_duty: z.boolean(), since: Instant });
export type DutyContent = z.infer<typeof DutyContent>;

export const Duty = defineState({
  type: "org.hearth.duty",
  words: { label: "Duty" },
  writer: "self",
  limit: 4 * 1024,
  schema: DutyContent,
  example: { v: 1, on_duty: true, since: 1767225600000 },
});
