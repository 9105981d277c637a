import { z } from "zod";
import { defineEntry } from "../../define/entry.ts";
import { envelope } from "../envelope.ts";
import { HandStatus } from "../status.ts";

/** A status set by hand, in any order; null resets to the computed one. */
export const StatusSet = defineEntry({
  type: "org.hearth.request.status",
  permission: "edit_request_data",
  words: { label: "Status" },
  schema: z.object({ ...envelope, status: HandStatus.nullable() }),
  example: {
    v: 1,
    id: "AAAAAAAAAAAAAAAAAAAAAC",
    device: "EXAMPLE",
    seq: 3,
    at: 1767225720000,
    heads: [],
    status: "on_the_way",
  },
});
