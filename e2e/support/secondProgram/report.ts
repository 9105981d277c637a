/** An event as the server has it. */
export type SavedEvent = {
  readonly type: string;
  readonly event_id: string;
  readonly room_id: string;
  readonly sender: string;
  readonly origin_server_ts: number;
  readonly content: Readonly<Record<string, unknown>>;
};

/** What somebody has who listened on the way, and looked at the server. */
export type Saved = {
  readonly userId: string;
  readonly deviceId: string;
  readonly events: readonly SavedEvent[];
  /** Root keys of this device that they saw before, in hex. */
  readonly oldRootKeys: readonly string[];
  /** What stood in the events, to be looked for in whatever opens. */
  readonly words: readonly string[];
};

export type Report = {
  /** Buckets, and the origin's own storage, as far as something was in them. */
  readonly places: readonly string[];
  /** Every database and file. */
  readonly looked: readonly string[];
  /** In hex. */
  readonly rootKeys: readonly string[];
  /** How many records could be opened. */
  readonly records: number;
  /** How many inbound sessions could be read. */
  readonly sessions: number;
  /** Events that could be decrypted, and what was in them. */
  readonly opened: Readonly<Record<string, string>>;
  /** The words that were found, in the clear or in what could be opened. */
  readonly words: readonly string[];
};

/** The sealed keys of rows, as they stand in the database. */
export type Rows = { readonly rows: readonly (readonly number[])[] };
