import { z } from "zod";

/** The `type` in a room's create event. It never changes, and alone decides whether the room is sensitive. */
export const ROOM_TYPES = {
  "org.hearth.org": { sensitive: false, createdBy: "bot" },
  "org.hearth.admin": { sensitive: false, createdBy: "bot" },
  "org.hearth.request": { sensitive: true, createdBy: "client" },
  "org.hearth.channel": { sensitive: true, createdBy: "client" },
  "org.hearth.direct": { sensitive: true, createdBy: "client" },
  "org.hearth.map": { sensitive: true, createdBy: "bot" },
  "org.hearth.onboarding": { sensitive: false, createdBy: "client" },
} as const;

export type RoomType = keyof typeof ROOM_TYPES;
export const RoomType = z.enum(Object.keys(ROOM_TYPES) as [RoomType, ...RoomType[]]);

export function isSensitive(type: RoomType): boolean {
  return ROOM_TYPES[type].sensitive;
}
