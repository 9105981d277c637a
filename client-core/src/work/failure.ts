// What a failed request means for whoever would try again. There is one definition of a failure that passes, for our own
// requests and for those that the crypto library makes.

/** An answer of the homeserver or proxy that is no 2xx (`status`, `errcode`, its sentence), or none (`status` 0). */
export class HttpFailure extends Error {
  readonly status: number;
  readonly errcode: string;
  readonly retryAfterMs: number | undefined;
  constructor(status: number, errcode: string, message: string, retryAfterMs?: number) {
    super(message);
    this.name = "HttpFailure";
    this.status = status;
    this.errcode = errcode;
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * Whether this came from something on the way (proxy, network, a server that is starting) and not from the
 * homeserver: trying again later is all that helps, and it says nothing about the session.
 */
export function isUnreachable({ status, errcode }: Pick<HttpFailure, "status" | "errcode">): boolean {
  return status === 0 || errcode === "" || (status >= 500 && status !== 501);
}

/**
 * What trying again would do.
 * - `passes`: it helps, later, and as it is. Nobody answered, something on the way did, the server is busy, or the
 *   session has to be unlocked first.
 * - `refused`: the homeserver has answered, and will answer the same.
 * - `other`: no request failed; this device's disk is full, say, or this program is wrong.
 */
export type FailureKind = "passes" | "refused" | "other";

export function kindOfFailure(error: unknown): FailureKind {
  const answer = answerIn(error);
  if (!answer) return "other";
  const { status } = answer;
  return isUnreachable(answer) || status === 429 || status === 401 || status === 408 ? "passes" : "refused";
}

/** How long the server asks to be left alone, in milliseconds; undefined when it does not say. */
export function askedToWaitMs(error: unknown): number | undefined {
  return answerIn(error)?.retryAfterMs;
}

type Answer = Pick<HttpFailure, "status" | "errcode" | "retryAfterMs">;

/** The library's own errors are known by what they carry: `work/` does not import it. */
function answerIn(error: unknown): Answer | undefined {
  if (error instanceof HttpFailure) return error;
  if (!(error instanceof Error)) return undefined;
  if (error.name === "ConnectionError") return { status: 0, errcode: "", retryAfterMs: undefined };
  const { httpStatus, errcode, data } = error as {
    httpStatus?: unknown;
    errcode?: unknown;
    data?: { retry_after_ms?: unknown };
  };
  if (typeof httpStatus !== "number") return undefined;
  const asked = data?.retry_after_ms;
  return {
    status: httpStatus,
    errcode: typeof errcode === "string" ? errcode : "",
    retryAfterMs: typeof asked === "number" ? asked : undefined,
  };
}
