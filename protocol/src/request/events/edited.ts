import { z } from "zod";
import { defineEvent } from "../../eventType.ts";
import { envelope } from "../envelope.ts";
import { RequestChanges } from "../fields.ts";

/** Some fields change, by field. */
export const Edited = defineEvent({
  type: "org.hearth.request.edited",
  kind: "sensitive",
  schema: z.object({ ...envelope, changes: RequestChanges }),
  example: {
    v: 1,
    id: "AAAAAAAAAAAAAAAAAAAAAB",
    device: "EXAMPLE",
    seq: 2,
    at: 1767225660000,
    heads: ["AAAAAAAAAAAAAAAAAAAAAA"],
    changes: { location: "by the fountain", caller_name: null },
  },
});
