import { z } from "zod";
import { defineEvent } from "../../eventType.ts";
import { envelope } from "../envelope.ts";

/** A closed request goes on with the status it had. */
export const Reopened = defineEvent({
  type: "org.hearth.request.reopened",
  kind: "sensitive",
  schema: z.object({ ...envelope }),
  example: { v: 1, id: "AAAAAAAAAAAAAAAAAAAAAE", device: "EXAMPLE", seq: 5, at: 1767225840000, heads: [] },
});
