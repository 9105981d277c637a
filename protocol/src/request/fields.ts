import { z } from "zod";
import { Instant } from "../ids.ts";

export const PRIORITIES = ["critical", "urgent", "non_urgent"] as const;
export const Priority = z.enum(PRIORITIES);
export type Priority = z.infer<typeof Priority>;

const vocabularyId = z.string().regex(/^[a-z0-9_-]{1,64}$/);

/** What a request says. Only the description is required. Limits are in characters (UTF-16 code units). */
export const RequestFields = z.object({
  description: z.string().trim().min(1).max(20_000),
  /** Ids of the org's request types. */
  types: z.array(vocabularyId).max(20).optional(),
  /** As the caller said it. A pin may stand beside it and never replaces it. */
  location: z.string().max(1000).optional(),
  pin: z.object({ lat: z.number().min(-90).max(90), lon: z.number().min(-180).max(180) }).optional(),
  caller_name: z.string().max(200).optional(),
  caller_contact: z.string().max(200).optional(),
  call_started: Instant.optional(),
  call_ended: Instant.optional(),
  priority: Priority.optional(),
  /** Ids of the org's tags. */
  tags: z.array(vocabularyId).max(50).optional(),
});
export type RequestFields = z.infer<typeof RequestFields>;
export type RequestFieldName = keyof RequestFields;

/**
 * A diff by field: a value sets the field, null empties it, an absent key leaves it. Two people who edit
 * different fields at once both keep what they wrote.
 */
export const RequestChanges = z
  .object({
    description: RequestFields.shape.description,
    types: RequestFields.shape.types.unwrap().nullable(),
    location: RequestFields.shape.location.unwrap().nullable(),
    pin: RequestFields.shape.pin.unwrap().nullable(),
    caller_name: RequestFields.shape.caller_name.unwrap().nullable(),
    caller_contact: RequestFields.shape.caller_contact.unwrap().nullable(),
    call_started: RequestFields.shape.call_started.unwrap().nullable(),
    call_ended: RequestFields.shape.call_ended.unwrap().nullable(),
    priority: RequestFields.shape.priority.unwrap().nullable(),
    tags: RequestFields.shape.tags.unwrap().nullable(),
  })
  .partial()
  .refine((changes) => Object.keys(changes).length > 0, "an edit changes at least one field");
export type RequestChanges = z.infer<typeof RequestChanges>;
