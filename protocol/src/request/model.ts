import type { DeviceId, EventId, LogEntryId, UserId } from "../ids.ts";
import type { Permission } from "../permissions.ts";
import type { NewEntry, RequestCommand, RequestDeed, Told } from "./entries.ts";
import type { FoldedRequest, LeftOut } from "./folded.ts";
import type { EntryRefusal, RequestRefusal } from "./refusal.ts";
import type { RequestStatus } from "./status.ts";

/** One event as the edge hands it to the reducer: decrypted, in the homeserver's order, not yet believed. */
export type LogInput = {
  readonly eventId: EventId;
  readonly sender: UserId;
  /** The device that the decryption vouches for, where the edge knows it. Another one in the envelope is a lie. */
  readonly senderDevice?: DeviceId | undefined;
  /** origin_server_ts, for display. */
  readonly serverTs: number;
  readonly type: string;
  readonly content: unknown;
  /** What the sender was permitted when the event was sent. */
  readonly senderPermissions: ReadonlySet<Permission>;
};

/** One line of the request's history. */
export type HistoryItem = {
  readonly eventId: EventId;
  readonly entryId: LogEntryId | undefined;
  readonly sender: UserId;
  readonly serverTs: number;
  readonly what: Told | { readonly kind: "refused"; readonly type: string; readonly reason: EntryRefusal };
};

/** What a reader can't vouch for, and why. */
export type Incompleteness =
  | { readonly kind: "missing_entry"; readonly entryId: LogEntryId }
  /** It came after an entry whose writer had seen it: somebody changed the order. */
  | { readonly kind: "out_of_order"; readonly entryId: LogEntryId }
  | { readonly kind: "counter_gap"; readonly device: string; readonly after: number; readonly got: number }
  | { readonly kind: "unreadable"; readonly eventId: EventId }
  /** Of somebody who may write such, and of a version that this one does not know. */
  | { readonly kind: "newer_version"; readonly eventId: EventId; readonly author: UserId }
  | { readonly kind: "snapshot_mismatch"; readonly eventId: EventId; readonly author: UserId };

/** One event of the recent past: what it was (undefined: unreadable), and what the fold was after it. */
export type TailItem = {
  readonly eventId: EventId;
  readonly input: LogInput | undefined;
  readonly after: FoldedAt | undefined;
};

/**
 * `exact`: nothing of it was left out, so that a summary of the same place can be compared with it. `rules`: as in the
 * state.
 */
export type FoldedAt = {
  readonly folded: FoldedRequest;
  readonly chain: string;
  readonly exact: boolean;
  readonly rules: number;
};

/**
 * `at`: how old a closing is: as old as the key of the entry that closed; told by a summary, as the earlier of what the
 * summary says and the summary itself. `counters`: what each device had written by then, as in the folded request.
 */
export type Closing = { readonly at: number; readonly counters: FoldedRequest["counters"] };

/** All that a device knows of one request. Immutable. */
export type RequestState = {
  /** undefined until an `opened` or a snapshot was folded. */
  readonly folded: FoldedRequest | undefined;
  /** The author of the snapshot that this state started from ("as told by …"), if it started from one. */
  readonly toldBy: UserId | undefined;
  /** The last event that moved the fold: what a snapshot's `up_to` names. */
  readonly lastEventId: EventId | undefined;
  readonly chain: string;
  readonly history: readonly HistoryItem[];
  readonly incomplete: readonly Incompleteness[];
  /** Ids of entries folded here, to notice repeats and missing heads. */
  readonly seen: ReadonlySet<LogEntryId>;
  /**
   * Before anything was folded: all events so far, held until a snapshot says where they belong. Afterwards: the
   * last few, so that a snapshot written beside them can be compared, or started from.
   */
  readonly tail: readonly TailItem[];
  /**
   * If this started from a snapshot: its id and those of the entries whose writers had seen it. Only such writers
   * name heads that the snapshot can't cover.
   */
  readonly sinceStart: ReadonlySet<LogEntryId> | undefined;
  /**
   * Set when this started from a snapshot whose `up_to` was not among the events given: what lies between that and
   * the first of them is unknown. Fetch back to it and fold anew.
   */
  readonly unreached?: EventId | undefined;
  /** How it came to be closed, while it is. */
  readonly closing: Closing | undefined;
  /** What was replaced since and left out when this was carried on past the window, and not said anew yet. */
  readonly leftOut: ReadonlySet<LeftOut>;
  /**
   * Set where all of it went with its closing: what each device had written by then. A summary that knows less may be
   * from before the closing, and nothing starts from it.
   */
  readonly ended?: FoldedRequest["counters"] | undefined;
  /** The oldest version of the rules that folds this alike: that of its newest entry, or of the summary it began with. */
  readonly rules: number;
  /**
   * Somebody permitted wrote here with a newer version than this one. From there on nothing is compared and nothing
   * summed up: what this version makes of it may not be what it says (SPEC [L15]).
   */
  readonly metNewer: boolean;
};

export type Actor = { readonly userId: UserId; readonly permissions: ReadonlySet<Permission> };

export type Decision =
  | { readonly ok: true; readonly entries: readonly NewEntry[] }
  | { readonly ok: false; readonly code: RequestRefusal; readonly message: string };

export type { EntryRefusal, LeftOut, NewEntry, RequestCommand, RequestDeed, RequestRefusal, RequestStatus };
