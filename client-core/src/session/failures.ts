import { ConnectionError, MatrixError } from "../sdk/names.ts";
import type { FailureCode, Outcome } from "../contract/index.ts";
import { HttpFailure } from "./api.ts";
import { isUnreachable } from "../work/failure.ts";

/** A foreseen failure of a command, thrown on the way to the boundary that turns it into an outcome. */
export class Refusal extends Error {
  readonly code: FailureCode;
  constructor(code: FailureCode, message: string) {
    super(message);
    this.name = "Refusal";
    this.code = code;
  }
}

export const good = <T>(value: T): Outcome<T> => ({ ok: true, value });

export const UNREACHABLE = "The server can't be reached. Check the network; what you typed is not lost.";
export const STORAGE_FULL =
  "This device is out of space, so Hearth could not save that. Free some space, then try again.";
export const STORAGE_REFUSED =
  "This browser does not let Hearth store anything, so it can't keep your keys. Leave private browsing, or allow storage for this site, then reload.";

export const STORAGE_UNREADABLE =
  "Hearth could not open what it stored in this browser. Close other windows of Hearth, then reload. If it stays, sign out here and sign in again with your recovery key.";

/** The boundary of every command: whatever was thrown becomes a value with a sentence for the person. */
export function toOutcome(error: unknown): Outcome<never> {
  const [code, message] = explain(error);
  return { ok: false, code, message };
}

function explain(error: unknown): [FailureCode, string] {
  if (error instanceof Refusal) return [error.code, error.message];
  const failure = fromSdk(error);
  if (failure instanceof HttpFailure) return explainHttp(failure);
  if (isQuotaError(error)) return ["storage_full", STORAGE_FULL];
  if (error instanceof DOMException && error.name === "AbortError") {
    return ["unreachable", "That was interrupted. Try again."];
  }
  return ["unexpected", "Something went wrong. Try again; if it stays, reload."];
}

/** The SDK's own errors in the form of ours. */
function fromSdk(error: unknown): unknown {
  if (error instanceof ConnectionError) return new HttpFailure(0, "", error.message);
  if (!(error instanceof MatrixError)) return error;
  const { error: sentence, retry_after_ms } = error.data as { error?: string; retry_after_ms?: number };
  return new HttpFailure(
    error.httpStatus ?? 0,
    error.errcode ?? "",
    sentence ?? error.message,
    retry_after_ms,
  );
}

/** What the server's refusal is for a person, by its code: its own words are anybody's who runs it, and reach nobody. */
export function explainHttp(failure: HttpFailure): [FailureCode, string] {
  if (isUnreachable(failure)) return ["unreachable", UNREACHABLE];
  switch (failure.errcode) {
    case "M_LIMIT_EXCEEDED": {
      const seconds = Math.max(1, Math.ceil((failure.retryAfterMs ?? 1000) / 1000));
      return ["rate_limited", `Too many tries in a short time. Wait ${seconds} s, then try again.`];
    }
    case "M_UNKNOWN_TOKEN":
    case "M_MISSING_TOKEN":
    case "M_USER_LOCKED":
      return ["locked", "The server asks you to sign in again. Your keys stay on this device."];
    case "M_TOO_LARGE":
      return ["too_large", "That is too long to be sent. Make it shorter."];
    case "M_NOT_FOUND":
      return ["not_found", "The server has no such thing any more. Reload to see what is there now."];
    case "M_FORBIDDEN":
      return ["refused", "The server does not allow this. Reload; if it stays, ask an admin."];
    case "":
      return ["unreachable", UNREACHABLE];
    default:
      return [
        "refused",
        `The server did not take this${codeOf(failure)}. Try again; if it stays, tell an admin.`,
      ];
  }
}

/** For whoever hosts Hearth; a code of Matrix's or ours, and never a sentence. */
function codeOf({ errcode }: HttpFailure): string {
  return /^(?:M_|ORG\.HEARTH\.)[A-Z_]{1,40}$/u.test(errcode) ? ` (${errcode})` : "";
}

export function isQuotaError(error: unknown): boolean {
  return (
    typeof error === "object" && error !== null && "name" in error && error.name === "QuotaExceededError"
  );
}
