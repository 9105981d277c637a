import type { z } from "zod";
import type { EventDefinition } from "./event.ts";

export type MessageDefinition<Schema extends z.ZodType> = EventDefinition<Schema> & {
  readonly family: "message";
};

/** A type of message from one device to another, encrypted with Olm and gone once it is delivered. */
export function defineMessage<const Type extends string, Schema extends z.ZodType>(
  given: Omit<MessageDefinition<Schema>, "family" | "row" | "type"> & { readonly type: Type },
): MessageDefinition<Schema> & { readonly type: Type } {
  return {
    ...given,
    family: "message",
    row: { kind: given.kind, place: "encrypted message between two devices", clearedBy: "its delivery" },
  };
}
