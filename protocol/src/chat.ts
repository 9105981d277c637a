import { z } from "zod";
import { EventId } from "./ids.ts";
import { defineEntry } from "./define/entry.ts";

/** A chat message: plain text, perhaps an answer to another or a correction of one's own. */
export const MessageContent = z.object({
  msgtype: z.literal("m.text"),
  body: z.string().min(1).max(20_000),
  "m.relates_to": z.object({ "m.in_reply_to": z.object({ event_id: EventId }).optional() }).optional(),
});
export type MessageContent = z.infer<typeof MessageContent>;

export const Message = defineEntry({
  type: "m.room.message",
  permission: null,
  words: { label: "Message" },
  place: "inside the ciphertext of a sensitive room",
  schema: MessageContent,
  example: { msgtype: "m.text", body: "Example: on my way" },
});
