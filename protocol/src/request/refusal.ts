/** Why an entry changed nothing. */
export type EntryRefusal =
  | "malformed"
  | "newer_version"
  | "not_permitted"
  | "already_open"
  | "not_open_yet"
  | "closed"
  | "not_closed"
  | "repeated"
  | "snapshot_mismatch";

/** Why what somebody asks of a request is not done. */
export type RequestRefusal =
  | "not_permitted"
  | "already_open"
  | "not_open_yet"
  | "closed"
  | "not_closed"
  | "nothing_changed"
  | "invalid";

/** The same with a sentence that says what to do. */
export type Refused = { readonly refused: RequestRefusal; readonly message: string };

export const invalid = (message: string): Refused => ({ refused: "invalid", message });
export const NOTHING_CHANGED: Refused = { refused: "nothing_changed", message: "Nothing was changed." };
