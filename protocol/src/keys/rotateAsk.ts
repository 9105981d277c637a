import { z } from "zod";
import { defineMessage } from "../define/message.ts";
import { RoomId } from "../ids.ts";

/**
 * "I have no key any more for what you write in this room": asks a sender for a new session from now on (SPEC [K9]).
 * Never for a key: what was written until then stays unreadable for who asks.
 */
export const RotateAsk = defineMessage({
  type: "org.hearth.rotate",
  kind: "org",
  words: { label: "Ask for a new session" },
  schema: z.object({ v: z.literal(1), room_id: RoomId }),
  example: { v: 1, room_id: "!example" },
});
