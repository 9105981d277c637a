import type { z } from "zod";
import type { DataKind } from "./dataKinds.ts";

/** Everything a file about one event type says: its name on the wire, whose kind of data it is, its shape. */
export type EventDefinition<Schema extends z.ZodType> = {
  readonly type: string;
  readonly kind: DataKind;
  readonly schema: Schema;
  /** A valid content, parsed by a test and printed in documentation. */
  readonly example: z.input<Schema>;
};

export function defineEvent<const Type extends string, Schema extends z.ZodType>(
  definition: EventDefinition<Schema> & { readonly type: Type },
): EventDefinition<Schema> & { readonly type: Type } {
  return definition;
}

export type ContentOf<D> = D extends EventDefinition<infer Schema> ? z.infer<Schema> : never;
