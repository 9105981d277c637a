import { z } from "zod";
import { defineEvent } from "../../eventType.ts";
import { envelope } from "../envelope.ts";

/** A request ends, with what came of it if the closer says so. */
export const Closed = defineEvent({
  type: "org.hearth.request.closed",
  kind: "sensitive",
  schema: z.object({ ...envelope, outcome: z.string().max(5000).optional() }),
  example: {
    v: 1,
    id: "AAAAAAAAAAAAAAAAAAAAAD",
    device: "EXAMPLE",
    seq: 4,
    at: 1767225780000,
    heads: [],
    outcome: "Example: taken home",
  },
});
