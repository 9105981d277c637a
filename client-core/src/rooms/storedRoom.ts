import type { RawEvent } from "./rawEvent.ts";
import type { LogStart } from "./roomLog.ts";

/**
 * What the list shows of a room, kept so that a reload needs no decryption to show it. What the projection of its kind tells
 * lies beside this: see `toldOf`.
 */
export type Digest = {
  readonly incomplete: boolean;
  /** Events that wait for a key. */
  readonly unreadable: number;
  /** Encrypted events at all: a room without any is one whose making broke off, or that is empty yet. */
  readonly hasContent: boolean;
  /** I opened it or wrote in it. */
  readonly mine: boolean;
  readonly lastActivityAt: number;
  readonly unread: number;
};

export type StoredRoom = {
  readonly v: 1;
  readonly state: readonly RawEvent[];
  readonly log: readonly RawEvent[];
  readonly start: LogStart;
  /** What was folded before the log's first event, as its projection stores it; null where nothing was. */
  readonly base: unknown;
  readonly digest: Digest;
  /** The log begins with an event that is no longer kept: its place only. */
  readonly forgotten?: true;
};

export const EMPTY_DIGEST: Digest = {
  incomplete: false,
  unreadable: 0,
  hasContent: false,
  mine: false,
  lastActivityAt: 0,
  unread: 0,
};
