/**
 * What every command answers. Expected failures are values from a closed list, with a sentence for the person
 * that says what to do; anything unexpected is `unexpected`, and its details are in the log.
 */
export type FailureCode =
  | "wrong_password"
  | "invite_used"
  | "invite_expired"
  | "invite_damaged"
  | "name_taken"
  | "bad_name"
  | "weak_password"
  | "wrong_recovery_key"
  | "wrong_passphrase"
  | "unreachable"
  | "signed_out"
  | "locked"
  | "refused"
  | "too_large"
  | "not_permitted"
  | "invalid"
  | "conflict"
  | "not_found"
  | "storage_unavailable"
  | "storage_full"
  | "rate_limited"
  | "needs_password"
  | "no_answer"
  | "unexpected";

export type Outcome<T = void> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: FailureCode; readonly message: string };
