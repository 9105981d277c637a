import type { z } from "zod";
import type { Place } from "./data.ts";
import type { ClearEvent, EventDefinition } from "./event.ts";

export type StateDefinition<Schema extends z.ZodType> = EventDefinition<Schema> & {
  readonly family: "state";
  /** Missing for state of other rooms than the organisation's: the module's own tables say what those take. */
  readonly clear?: ClearEvent;
};

type Given<Type extends string, Schema extends z.ZodType> = Omit<
  StateDefinition<Schema>,
  "family" | "row" | "kind" | "clear" | "type"
> & {
  readonly type: Type;
  /** Who writes it: the bot, on command; or each member of themselves, with their user id as state key. */
  readonly writer: "bot" | "self";
  /** At most this many bytes of canonical JSON. */
  readonly limit: number;
  /** Left out: as long as the organisation, changed by whoever writes it. */
  readonly clearedBy?: string;
  /** Left out: the organisation's room. */
  readonly place?: Place;
};

const CHANGED = {
  bot: "changed by a later command; kept as long as the org",
  self: "changed by its writer; kept as long as the org",
} as const;

/** A type of state event, readable for the server. In the organisation's room, unless it says another place. */
export function defineState<const Type extends string, Schema extends z.ZodType>({
  writer,
  limit,
  clearedBy = CHANGED[writer],
  place = "state of the org room",
  ...given
}: Given<Type, Schema>): StateDefinition<Schema> & { readonly type: Type } {
  return {
    ...given,
    family: "state",
    kind: "org",
    row: { kind: "org", place, clearedBy },
    ...(place === "state of the org room" ? { clear: { rooms: ["org"], writer, limit } } : {}),
  };
}
