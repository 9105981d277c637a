import type { RawEvent } from "../../homeserver.ts";
import type { ServerData } from "../homeserverInMemory.ts";

/**
 * Everything that a bot has to begin with, as one version left it with a homeserver: the state of its rooms, what was asked
 * and answered in them, and its own account data. Made once by `make.ts`; what is written here nobody ever edits.
 */
export type StoredBot = {
  readonly note: string;
  /** Which version made it; see `VERSION` in protocol. */
  readonly madeBy: string;
  readonly server: ServerData;
};

const MAP = "$map";
const SET = "$set";

/** JSON in which maps and sets are written as lists. A room's state is what its events come to, and is left out. */
export function toText({ server, ...stored }: StoredBot): string {
  const rooms = new Map([...server.rooms].map(([id, { state: _, ...room }]) => [id, room]));
  return JSON.stringify(
    { ...stored, server: { ...server, rooms } },
    (_, each: unknown) => {
      if (each instanceof Map) return { [MAP]: [...each] };
      return each instanceof Set ? { [SET]: [...each] } : each;
    },
    1,
  );
}

export function fromText(text: string): StoredBot {
  const { server, ...stored } = JSON.parse(text, (_, each: unknown) => {
    if (typeof each !== "object" || each === null) return each;
    const { [MAP]: map, [SET]: set } = each as Record<string, unknown>;
    if (Array.isArray(map)) return new Map(map as [unknown, unknown][]);
    return Array.isArray(set) ? new Set(set) : each;
  }) as StoredBot;
  const rooms = new Map(
    [...server.rooms].map(([id, room]) => [id, { ...room, state: stateOf(room.timeline) }]),
  );
  return { ...stored, server: { ...server, rooms } };
}

function stateOf(events: readonly RawEvent[]): Map<string, RawEvent> {
  const state = events.filter(({ state_key }) => state_key !== undefined);
  return new Map(state.map((event) => [`${event.type} ${event.state_key ?? ""}`, event]));
}
