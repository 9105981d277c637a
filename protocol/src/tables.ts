import { ALL_COMMANDS, ALL_EVENTS, ALL_RECORDS } from "./catalogue.ts";
import { MATRIX_ROWS } from "./dataTable.ts";
import type { AnyEvent } from "./define/catalogue.ts";
import { CLEAR_ROOMS, type ClearEvent, type ClearRoom } from "./define/event.ts";
import { versionOf } from "./define/versions.ts";

/** What the homeserver's module takes of one type in one kind of room. */
export type ModuleRow = {
  readonly type: string;
  readonly place: "timeline" | "own state" | "any state";
  readonly writer: ClearEvent["writer"];
  /** At most this many bytes of canonical JSON. */
  readonly limit: number;
};

/** The module's table for the rooms that the server may read: what is committed beside it. */
export function moduleTable(
  events: readonly AnyEvent[] = ALL_EVENTS,
): Readonly<Record<ClearRoom, readonly ModuleRow[]>> {
  const rowsOf = (room: ClearRoom) =>
    events.flatMap((definition): ModuleRow[] => {
      const clear = definition.family === "message" ? undefined : definition.clear;
      if (!clear?.rooms.includes(room)) return [];
      const { writer, limit } = clear;
      const place =
        definition.family === "entry" ? "timeline" : writer === "self" ? "own state" : "any state";
      return [{ type: definition.type, place, writer, limit }];
    });
  return Object.fromEntries(CLEAR_ROOMS.map((room) => [room, rowsOf(room)])) as Record<
    ClearRoom,
    ModuleRow[]
  >;
}

const code = (text: string) => `\`${text}\``;

/** As the formatter writes it: every column as wide as its widest cell. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, at) => Math.max(3, ...[head, ...rows].map((cells) => cells[at]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${widths.map((width, at) => (cells[at] ?? "").padEnd(width)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

/** The tables of SPEC.md by their names: each stands there between its two marks. */
export function specTables(): Readonly<Record<string, string>> {
  const events = ALL_EVENTS.map(({ type, row, ...definition }) => [
    code(type),
    row.kind,
    row.place,
    row.clearedBy,
    String(versionOf(definition)),
  ]);
  const others = Object.entries(MATRIX_ROWS).map(([name, row]) => [
    code(name),
    row.kind,
    row.place,
    row.clearedBy,
    "",
  ]);
  const records = ALL_RECORDS.map(({ name, words, row, ...definition }) => [
    code(name),
    words.label,
    row.kind,
    row.clearedBy,
    String(versionOf(definition)),
  ]);
  const commands = ALL_COMMANDS.map(({ name, permission, rooms, givenBy, text, audit }) => [
    code(name),
    permission === null ? "" : code(permission),
    rooms.join(", "),
    givenBy,
    text === null ? "" : "yes",
    audit === null ? "" : "yes",
  ]);
  return {
    events: table(["event", "kind", "place", "cleared by", "version"], [...events, ...others]),
    records: table(["record", "what it is", "kind", "cleared by", "version"], records),
    commands: table(["command", "permission", "rooms", "given by", "typed", "audit"], commands),
  };
}

const mark = (name: string, end: "table" | "end") => `<!-- ${end} ${name} -->`;

/**
 * SPEC.md with its tables as they are now.
 * @throws if one has no place on the page, or a name that stood there is neither defined nor said to be retired: what
 *   was written under it may still be somewhere
 */
export function withTables(page: string, retired: Readonly<Record<string, string>>): string {
  let made = page;
  for (const [name, text] of Object.entries(specTables())) {
    const [start, end] = [made.indexOf(mark(name, "table")), made.indexOf(mark(name, "end"))];
    if (start < 0 || end < start) throw new Error(`SPEC.md has no place for the table "${name}"`);
    const before = namesIn(made.slice(start, end));
    const now = new Set(namesIn(text));
    for (const gone of before)
      if (!now.has(gone) && !Object.hasOwn(retired, gone))
        throw new Error(`"${gone}" is defined no more: say in the catalogue what it was`);
    made = `${made.slice(0, start)}${mark(name, "table")}\n\n${text}\n\n${made.slice(end)}`;
  }
  return made;
}

/** The first cell of each row. */
function namesIn(text: string): string[] {
  return [...text.matchAll(/^\| `([^`]+)` +\|/gm)].map(([, name]) => name ?? "");
}
