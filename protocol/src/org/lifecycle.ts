import { z } from "zod";
import { Instant } from "../ids.ts";
import { defineEvent } from "../eventType.ts";

/** In the clear in a request room, because retention needs it and a bot has no keys: open or closed, and since when. */
export const LifecycleContent = z.strictObject({ state: z.enum(["open", "closed"]), at: Instant });
export type LifecycleContent = z.infer<typeof LifecycleContent>;

export const Lifecycle = defineEvent({
  type: "org.hearth.lifecycle",
  kind: "org",
  schema: LifecycleContent,
  example: { state: "open", at: 1767225600000 },
});
