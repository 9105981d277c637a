import type { EventId, RoomType, UserId } from "@hearth/protocol";
import type { Opened } from "./decryptor.ts";
import type { PermissionsAt } from "./permissionsAt.ts";
import type { RawEvent } from "./rawEvent.ts";
import type { RoomLog } from "./roomLog.ts";
import type { Digest } from "./storedRoom.ts";

export type OpenedOf = (eventId: EventId) => Opened | undefined;
/** Whether what stems from an instant is past the key window. */
export type IsPast = (at: number) => boolean;

/**
 * What the log of one kind of room comes to. All that rooms know of it: who adds a kind writes one of these, and names it in
 * `workspace/parts.ts`.
 *
 * `State` is all that is known while a room is loaded; never changed in place. `Stored` is as much of it as JSON as is
 * carried on before a log. `Told` is what a list shows without decrypting anything: it is stored in the room's digest.
 */
export interface Projection<State, Stored, Told extends object> {
  /** Whose log it is. */
  readonly room: RoomType;
  /** Of a room of which nothing was folded. */
  readonly initial: State;
  /** Whether what stands in a ciphertext under this type is an entry: whether it is a good one, `fold` finds out. */
  isEntry(type: string): boolean;

  /** Folds a stretch of the log, in the homeserver's order, onto what was known before it. Total. */
  fold(before: State, events: readonly RawEvent[], openedOf: OpenedOf, permissionsAt: PermissionsAt): State;
  store(state: State): Stored;
  /** @param me whose device stored it */
  restore(stored: Stored, me: UserId): State;

  /** Whether its beginning was folded, or what sums it up. */
  hasBegun(state: State): boolean;
  /** Whether what it needs may lie further back than what was folded. */
  wantsOlder(state: State): boolean;
  /** Whether a later version of this client may make more of the log: it is not cut then while it can wait. [L15] */
  waitsForNewer(state: State): boolean;

  tell(state: State): Told;
  /** Whether a reader must know that something is missing. */
  isIncomplete(state: State, log: RoomLog): boolean;
  /** Whether somebody has begun it. */
  isBy(state: State, user: UserId): boolean;
  /** Whether an entry tells nothing that was not said before: it makes nothing unread. */
  isRepetition(opened: Opened): boolean;

  /** Whether all of it is over, and its end past: then it goes as a whole. [K7] */
  isOver(told: Told, isPast: IsPast): boolean;
  /** What stays of one that is over. */
  end(now: State): State;
  /** Whether a base began in what is past. */
  beganBefore(base: State, isPast: IsPast): boolean;
  /** Whether a base says what was replaced since. */
  saysMore(base: State, told: Told): boolean;
  /** A base without what was replaced since, and without what goes with its events. */
  carriedOn(base: State, now: State): State;
  /** Whether it holds anything of what is past, besides what it says. */
  holdsPast(state: State, isPast: IsPast): boolean;
  /** The same without that. */
  withoutPast(state: State, isPast: IsPast): State;
  /** A base for a log that is cut: what goes with its events is left out. */
  withoutHistory(state: State): State;
}

/** Any of them, as rooms hold it: they give each nothing but what came from it. */
export type AnyProjection = Projection<unknown, unknown, object>;

type Projected = {
  readonly projection: AnyProjection | undefined;
  readonly projected: unknown;
  readonly digest: Digest;
};

/** Whether a room is of this kind. */
export function isOf<State, Stored, Told extends object>(
  room: Projected,
  projection: Projection<State, Stored, Told>,
): boolean {
  return room.projection === (projection as AnyProjection);
}

/** What a room's log folds to; undefined for one of another kind, and until it was needed since the start. */
export function stateOf<State, Stored, Told extends object>(
  room: Projected,
  projection: Projection<State, Stored, Told>,
): State | undefined {
  return isOf(room, projection) ? (room.projected as State | undefined) : undefined;
}

/** What is known of a room without opening it. */
export function toldOf<State, Stored, Told extends object>(
  room: Projected,
  projection: Projection<State, Stored, Told>,
): Digest & Told {
  if (isOf(room, projection)) return room.digest as Digest & Told;
  return { ...room.digest, ...projection.tell(projection.initial) };
}
