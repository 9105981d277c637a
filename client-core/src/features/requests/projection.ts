import {
  carriedOn,
  endOf,
  initialRequest,
  isClosedBefore,
  isRequestLogType,
  saysMoreThan,
  Snapshot,
  type FoldedRequest,
  type RequestState,
} from "@hearth/protocol";
import { isOf, stateOf, toldOf, type Projection } from "../../rooms/projection.ts";
import type { Room } from "../../rooms/room.ts";
import type { Digest } from "../../rooms/storedRoom.ts";
import { foldEvents, restoreRequest, storeRequest, type StoredRequest } from "./fold.ts";
import { shownIncomplete } from "./shownIncomplete.ts";

/** What the list shows of a request that was not opened. */
export type RequestTold = {
  readonly folded: FoldedRequest | undefined;
  /** How old its closing is, while it is closed: when that is past the key window, all of it goes. */
  readonly closedSince?: number | undefined;
};

const initial = initialRequest();

/** What a request's log comes to: the reducer's state, and what may outlive the entries that said it (SPEC [K7]). */
export const requestProjection: Projection<RequestState, StoredRequest, RequestTold> = {
  room: "org.hearth.request",
  initial,
  isEntry: isRequestLogType,
  fold: foldEvents,
  store: storeRequest,
  restore: restoreRequest,
  hasBegun: ({ folded }) => folded !== undefined,
  wantsOlder: ({ folded, unreached }) => folded === undefined || unreached !== undefined,
  waitsForNewer: ({ metNewer }) => metNewer,
  tell: ({ folded, closing }) => ({ folded, closedSince: closing?.at }),
  isIncomplete: (state, log) => shownIncomplete(state, log).length > 0,
  isBy: ({ folded }, user) => folded?.opened_by === user,
  isRepetition: (opened) => opened.kind === "entry" && opened.type === Snapshot.type,
  isOver: ({ folded, closedSince }, isPast) => isClosedBefore(folded, closedSince, isPast),
  end: endOf,
  beganBefore: ({ folded }, isPast) => folded !== undefined && isPast(folded.opened_at),
  saysMore: (base, { folded }) => saysMoreThan(base, folded),
  carriedOn,
  holdsPast: ({ history }, isPast) => history.some(({ serverTs }) => isPast(serverTs)),
  // Nor what it held to compare with.
  withoutPast: (state, isPast) => ({
    ...state,
    history: state.history.filter(({ serverTs }) => !isPast(serverTs)),
    tail: state.tail.filter(({ input }) => input !== undefined && !isPast(input.serverTs)),
  }),
  withoutHistory: (state) => ({ ...state, history: [] }),
};

type Kept = Pick<Room, "projection" | "projected" | "digest">;

export const isRequest = (room: Kept): boolean => isOf(room, requestProjection);

/** What a request's log folds to; undefined until that was needed since the start. */
export const requestIn = (room: Kept | undefined): RequestState | undefined =>
  room && stateOf(room, requestProjection);

/** What is known of a request without opening it. */
export const toldOfRequest = (room: Kept): Digest & RequestTold => toldOf(room, requestProjection);

/** What a request says, loaded or not. */
export function saidIn(room: Kept): FoldedRequest | undefined {
  const state = requestIn(room);
  return state ? state.folded : toldOfRequest(room).folded;
}
