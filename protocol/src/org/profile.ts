import { z } from "zod";
import { defineState } from "../define/state.ts";
import { openObject } from "../define/unknown.ts";
import { AnnouncedKey } from "../roster/announcedKey.ts";

/** What a member says of themselves, written by themselves; everything but the name is optional. */
export const ProfileContent = openObject({
  v: z.literal(1),
  display_name: z.string().trim().min(1).max(80),
  pronouns: z.string().max(40).optional(),
  bio: z.string().max(1000).optional(),
  phone: z.string().max(40).optional(),
  email: z.string().max(200).optional(),
  colour: z
    .string()
    .regex(/^#[0-9a-f]{6}$/)
    .optional(),
  /** Those of their devices that say of themselves that they can't forget for sure. */
  cannot_forget: z
    .array(z.string().regex(/^[\w-]{1,64}$/))
    .max(20)
    .optional(),
  /** What their client adds for the roster, where it lists them with another signing key or none. */
  signing_key: AnnouncedKey.optional(),
});
export type ProfileContent = z.infer<typeof ProfileContent>;

export const Profile = defineState({
  type: "org.hearth.profile",
  words: { label: "Profile" },
  writer: "self",
  limit: 4 * 1024,
  schema: ProfileContent,
  example: { v: 1, display_name: "Example Person", pronouns: "they/them", colour: "#3366aa" },
});
