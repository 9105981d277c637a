import { z } from "zod";
import { defineEntry } from "../../define/entry.ts";
import { envelope } from "../envelope.ts";

/** A request ends, with what came of it if the closer says so. */
export const Closed = defineEntry({
  type: "org.hearth.request.closed",
  permission: "close_requests",
  words: { label: "Closed" },
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
