import type { z } from "zod";
import type { DataKind } from "../dataKinds.ts";
import type { Permission } from "../permissions.ts";
import type { Place } from "./data.ts";
import type { ClearEvent, EventDefinition } from "./event.ts";

export type EntryDefinition<
  Schema extends z.ZodType,
  P extends Permission | null = Permission | null,
> = EventDefinition<Schema> & {
  readonly family: "entry";
  /** What its sender must be permitted as of the event; null: whoever is in the room. */
  readonly permission: P;
  /** Present for what the server may read. */
  readonly clear?: ClearEvent;
};

type Given<Type extends string, Schema extends z.ZodType, P extends Permission | null> = Omit<
  EntryDefinition<Schema, P>,
  "family" | "row" | "kind" | "type"
> & {
  readonly type: Type;
  /** Left out: sensitive. */
  readonly kind?: DataKind;
  /** Left out: inside the ciphertext of a request's room. */
  readonly place?: Place;
  /** Left out: the retention of a sensitive room. */
  readonly clearedBy?: string;
};

/** A type of event in a room's timeline. An entry of a request's log, unless it says another place. */
export function defineEntry<
  const Type extends string,
  Schema extends z.ZodType,
  const P extends Permission | null,
>({
  kind = "sensitive",
  place = "inside the ciphertext of a request room",
  clearedBy = "retention on the server; sign-out on the device",
  ...given
}: Given<Type, Schema, P>): EntryDefinition<Schema, P> & { readonly type: Type } {
  return { ...given, family: "entry", kind, row: { kind, place, clearedBy } };
}
