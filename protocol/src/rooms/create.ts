import { z } from "zod";
import { OrgId, UserId } from "../ids.ts";
import { RoomType } from "./types.ts";

export const CREATE_TYPE = "m.room.create";

/**
 * The create event of a Hearth room. Room version 12 adds `room_version`; nothing else may stand in it, but a
 * reader only needs these, and a stranger's extra key must not hide a room from the people in it.
 */
export const CreateContent = z.object({
  type: RoomType,
  "org.hearth.org_id": OrgId,
  additional_creators: z.array(UserId).optional(),
});
export type CreateContent = z.infer<typeof CreateContent>;

/** What kind of room this is and whose; undefined when it is none of ours. */
export function readCreateEvent(content: unknown): { type: RoomType; orgId: OrgId } | undefined {
  const parsed = CreateContent.safeParse(content);
  return parsed.success ? { type: parsed.data.type, orgId: parsed.data["org.hearth.org_id"] } : undefined;
}
