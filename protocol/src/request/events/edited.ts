import { z } from "zod";
import { defineEntry } from "../../define/entry.ts";
import { envelope } from "../envelope.ts";
import { RequestChanges } from "../fields.ts";

/** Some fields change, by field. */
export const Edited = defineEntry({
  type: "org.hearth.request.edited",
  permission: "edit_request_data",
  words: { label: "Edited" },
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
