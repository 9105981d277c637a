import { z } from "zod";
import { defineEntry } from "../../define/entry.ts";
import { envelope } from "../envelope.ts";
import { RequestFields } from "../fields.ts";

/** The short name people say aloud, such as `1123-K7Q`. */
export const DisplayId = z.string().regex(/^\d{4}-[A-HJ-NP-Z2-9]{3}$/);

/** A request begins. The first of a log counts; a second is refused. */
export const Opened = defineEntry({
  type: "org.hearth.request.opened",
  permission: "administer_requests",
  words: { label: "Opened" },
  schema: z.object({ ...envelope, display_id: DisplayId, fields: RequestFields }),
  example: {
    v: 1,
    id: "AAAAAAAAAAAAAAAAAAAAAA",
    device: "EXAMPLE",
    seq: 1,
    at: 1767225600000,
    heads: [],
    display_id: "0101-K7Q",
    fields: { description: "Example: somebody needs a ride home", priority: "non_urgent" },
  },
});
