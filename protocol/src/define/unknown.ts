import { z } from "zod";

/**
 * An object of stored content: what a later version says in fields that are not named here stays in it, out of sight of
 * the types, and is written back with it by whoever changes another field.
 */
export function openObject<Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape> {
  return z.looseObject(shape);
}

/**
 * The fields of an object that its schema does not name: what a later version says there. Whoever writes such content
 * anew, and not from the one before, takes them along, or an older program would take away what a newer one has said.
 */
export function unknownFields(schema: z.ZodType, content: unknown): Record<string, unknown> {
  if (!(schema instanceof z.ZodObject) || typeof content !== "object" || content === null) return {};
  return Object.fromEntries(Object.entries(content).filter(([name]) => !Object.hasOwn(schema.shape, name)));
}
