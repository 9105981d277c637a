import { z } from "zod";
import { Instant } from "../ids.ts";
import { defineState } from "../define/state.ts";

/** In the clear in a request room, because retention needs it and a bot has no keys: open or closed, and since when. */
export const LifecycleContent = z.strictObject({ state: z.enum(["open", "closed"]), at: Instant });
export type LifecycleContent = z.infer<typeof LifecycleContent>;

export const Lifecycle = defineState({
  type: "org.hearth.lifecycle",
  words: { label: "Whether a request is open" },
  writer: "self",
  limit: 1 * 1024,
  place: "state of request rooms, in the clear",
  clearedBy: "deletion of its room",
  schema: LifecycleContent,
  example: { state: "open", at: 1767225600000 },
});
