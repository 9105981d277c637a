import { CREATE_TYPE, readCreateEvent, UserId, type OrgId, type RoomType } from "@hearth/protocol";
import type { RawEvent } from "./rawEvent.ts";

export type Membership = "join" | "invite" | "leave" | "ban" | "knock";

export type RoomIdentity = {
  readonly type: RoomType;
  readonly orgId: OrgId;
  readonly creator: UserId;
  readonly createdAt: number;
};

const NONE: ReadonlyMap<string, RawEvent> = new Map();
const identities = new WeakMap<RawEvent, { readonly identity: RoomIdentity | undefined }>();

/** A room's current state. Immutable; `with` gives the next one. */
export class RoomState {
  readonly #byType: ReadonlyMap<string, ReadonlyMap<string, RawEvent>>;

  constructor(byType: ReadonlyMap<string, ReadonlyMap<string, RawEvent>> = new Map()) {
    this.#byType = byType;
  }

  static of(events: readonly RawEvent[]): RoomState {
    return new RoomState().with(events);
  }

  /** @returns this same state when all of it is known already */
  with(all: readonly RawEvent[]): RoomState {
    const events = all.filter(
      (event) =>
        event.state_key !== undefined && this.get(event.type, event.state_key)?.event_id !== event.event_id,
    );
    if (events.length === 0) return this;
    const next = new Map(this.#byType);
    const fresh = new Set<string>();
    for (const event of events) {
      if (event.state_key === undefined) continue;
      // One copy of a type's map, however many of its events changed.
      if (!fresh.has(event.type)) {
        next.set(event.type, new Map(next.get(event.type)));
        fresh.add(event.type);
      }
      (next.get(event.type) as Map<string, RawEvent>).set(event.state_key, event);
    }
    return new RoomState(next);
  }

  get(type: string, stateKey = ""): RawEvent | undefined {
    return this.#byType.get(type)?.get(stateKey);
  }

  all(type: string): readonly RawEvent[] {
    return [...this.ofType(type).values()];
  }

  /** By state key: the very same map as long as no event of this type has changed. */
  ofType(type: string): ReadonlyMap<string, RawEvent> {
    return this.#byType.get(type) ?? NONE;
  }

  /** The events that are not as they were in an earlier state of this room. */
  changedSince(before: RoomState): RawEvent[] {
    return [...this.#byType].flatMap(([type, events]) => {
      const earlier = before.ofType(type);
      if (earlier === events) return [];
      return [...events.values()].filter((event) => earlier.get(event.state_key ?? "") !== event);
    });
  }

  events(): RawEvent[] {
    return [...this.#byType.values()].flatMap((byKey) => [...byKey.values()]);
  }

  /** What kind of room this is, whose, and who made it; undefined when it is none of ours. */
  get identity(): RoomIdentity | undefined {
    const create = this.get(CREATE_TYPE);
    if (!create) return undefined;
    // Asked for each room at every turn, and never another for the same event.
    const known = identities.get(create) ?? { identity: identityIn(create) };
    identities.set(create, known);
    return known.identity;
  }

  membership(userId: UserId): Membership {
    const value = this.get("m.room.member", userId)?.content["membership"];
    return value === "join" || value === "invite" || value === "ban" || value === "knock" ? value : "leave";
  }

  /** Everybody who is in the room or invited to it. */
  people(): { userId: UserId; membership: "join" | "invite"; displayName: string | undefined }[] {
    return this.all("m.room.member").flatMap((event) => {
      const userId = UserId.safeParse(event.state_key);
      const membership = event.content["membership"];
      if (!userId.success || (membership !== "join" && membership !== "invite")) return [];
      const name = event.content["displayname"];
      return [{ userId: userId.data, membership, displayName: typeof name === "string" ? name : undefined }];
    });
  }

  /** Room version 12: creators are above every level and stand in no list. */
  isCreator(userId: UserId): boolean {
    const create = this.get(CREATE_TYPE);
    const others = create?.content["additional_creators"];
    return create?.sender === userId || (Array.isArray(others) && others.includes(userId));
  }

  power(userId: UserId): number {
    if (this.isCreator(userId)) return Infinity;
    const levels = this.get("m.room.power_levels")?.content;
    return numberIn(levels?.["users"], userId) ?? numberIn(levels, "users_default") ?? 0;
  }

  /** What it takes to invite, or to write a kind of state. */
  powerNeeded(what: "invite" | { state: string }): number {
    const levels = this.get("m.room.power_levels")?.content;
    if (what === "invite") return numberIn(levels, "invite") ?? 0;
    return numberIn(levels?.["events"], what.state) ?? numberIn(levels, "state_default") ?? 50;
  }
}

function identityIn(create: RawEvent): RoomIdentity | undefined {
  const read = readCreateEvent(create.content);
  return read && { ...read, creator: create.sender, createdAt: create.origin_server_ts };
}

function numberIn(holder: unknown, key: string): number | undefined {
  if (typeof holder !== "object" || holder === null) return undefined;
  const value: unknown = Object.getOwnPropertyDescriptor(holder, key)?.value;
  return typeof value === "number" ? value : undefined;
}
