import type { z } from "zod";
import type { AnyCommand } from "./command.ts";
import type { EntryDefinition } from "./entry.ts";
import type { MessageDefinition } from "./message.ts";
import type { RecordDefinition } from "./record.ts";
import type { StateDefinition } from "./state.ts";
import type { Versioned } from "./versions.ts";

export type AnyEvent = EntryDefinition<z.ZodType> | StateDefinition<z.ZodType> | MessageDefinition<z.ZodType>;
export type AnyRecord = Omit<RecordDefinition<z.ZodType>, "stored"> & {
  readonly stored: RecordDefinition<z.ZodType>["stored"];
};

/** Two definitions of one name, or of a name that had another meaning before: programmers' mistakes, so thrown. */
export class CatalogueError extends Error {}

export type Catalogue = {
  readonly events: ReadonlyMap<string, AnyEvent>;
  readonly records: ReadonlyMap<string, AnyRecord>;
  readonly commands: ReadonlyMap<string, AnyCommand>;
};

/**
 * Puts definitions together.
 * @param parts.retired names that were used once: none of them may come again, because what was written under it is
 *   still there and means something else
 * @throws CatalogueError
 */
export function catalogueOf({
  events,
  records,
  commands = [],
  retired = {},
}: {
  readonly events: readonly AnyEvent[];
  readonly records: readonly AnyRecord[];
  readonly commands?: readonly AnyCommand[];
  readonly retired?: Readonly<Record<string, string>>;
}): Catalogue {
  const known = {
    events: new Map<string, AnyEvent>(),
    records: new Map<string, AnyRecord>(),
    commands: new Map<string, AnyCommand>(),
  };
  const places = new Map<string, string>();
  for (const definition of events) {
    check(definition.type, definition, known, retired);
    known.events.set(definition.type, definition);
  }
  for (const definition of records) {
    const { name, stored } = definition;
    check(name, definition, known, retired);
    known.records.set(name, definition);
    if (!stored) continue;
    const place = `${stored.collection} ${stored.key ?? "*"}`;
    const other = places.get(place);
    if (other !== undefined) throw new CatalogueError(`"${name}" and "${other}" lie in the same place`);
    places.set(place, name);
  }
  for (const definition of commands) {
    check(`command ${definition.name}`, {}, known, retired);
    if (known.commands.has(definition.name))
      throw new CatalogueError(`the command "${definition.name}" is defined twice`);
    if ((definition.text === null) !== (definition.help === null))
      throw new CatalogueError(`"${definition.name}" needs help if it can be typed, and only then`);
    known.commands.set(definition.name, definition);
  }
  return known;
}

/** Where a kind of record lies, told from a collection and a key; undefined for a place that no definition names. */
export function recordAt(
  records: Iterable<AnyRecord>,
  collection: string,
  key: string,
): AnyRecord | undefined {
  for (const definition of records) {
    const { stored } = definition;
    if (stored?.collection !== collection) continue;
    if (stored.key === undefined || stored.key === key) return definition;
    if (stored.key.endsWith("*") && key.startsWith(stored.key.slice(0, -1))) return definition;
  }
  return undefined;
}

function check(
  name: string,
  { upcasts = [] }: Pick<Versioned<z.ZodType>, "upcasts">,
  { events, records }: Catalogue,
  retired: Readonly<Record<string, string>>,
): void {
  if (events.has(name) || records.has(name)) throw new CatalogueError(`"${name}" is defined twice`);
  if (Object.hasOwn(retired, name))
    throw new CatalogueError(`"${name}" was the name of ${retired[name] ?? "something else"}: take another`);
  // The first upcast takes version 1, the next one version 2, and so on.
  for (const [index, { from }] of upcasts.entries())
    if (from !== index + 1)
      throw new CatalogueError(`the upcasts of "${name}" must take version 1, then 2, and so on`);
}
