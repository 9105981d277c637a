import { z } from "zod";
import { defineEntry } from "../../define/entry.ts";
import { envelope } from "../envelope.ts";

/** A closed request goes on with the status it had. */
export const Reopened = defineEntry({
  type: "org.hearth.request.reopened",
  permission: "close_requests",
  words: { label: "Reopened" },
  schema: z.object({ ...envelope }),
  example: { v: 1, id: "AAAAAAAAAAAAAAAAAAAAAE", device: "EXAMPLE", seq: 5, at: 1767225840000, heads: [] },
});
