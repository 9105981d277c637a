import { HttpFailure } from "../api.ts";
import type { RequestOptions } from "../api.ts";
import type { Clock } from "../../work/clock.ts";

export type Method = "GET" | "PUT" | "POST" | "DELETE";
export type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

/** What the homeserver put into an error answer; a proxy's error page has none of it. */
export type MatrixErrorBody = {
  readonly errcode?: string;
  readonly error?: string;
  readonly retry_after_ms?: number;
  readonly soft_logout?: boolean;
  /** Present when the answer asks for more authentication (user-interactive), which is no refusal of the token. */
  readonly flows?: readonly { readonly stages: readonly string[] }[];
  readonly session?: string;
  readonly completed?: readonly string[];
};

/** What is asked, by what, and the clock by which an answer is late. */
export type Server = {
  readonly fetch: Fetch;
  readonly baseUrl: string;
  readonly clock: Pick<Clock, "timeout">;
};

const DEFAULT_TIMEOUT_MS = 30_000;

/**
 * One JSON request.
 * @throws HttpFailure for every answer that is no 2xx JSON, and with status 0 when there was none. An HTML error page
 *   of a proxy has `errcode` "". An abort through `options.signal` is thrown as it is.
 */
export async function requestJson<T>(
  { fetch: doFetch, baseUrl, clock }: Server,
  method: Method,
  path: string,
  body?: unknown,
  options: RequestOptions & { readonly token?: string } = {},
): Promise<T> {
  const timeout = clock.timeout(options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  const init: RequestInit = {
    method,
    credentials: "omit",
    referrerPolicy: "no-referrer",
    cache: "no-store",
    signal: options.signal ? AbortSignal.any([options.signal, timeout]) : timeout,
    headers: {
      Accept: "application/json",
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      ...(options.token === undefined ? {} : { Authorization: `Bearer ${options.token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
  let status: number;
  let text: string;
  try {
    const response = await doFetch(baseUrl + path, init);
    status = response.status;
    text = await response.text();
  } catch (error) {
    if (options.signal?.aborted) throw error;
    if (error instanceof HttpFailure) throw error;
    throw new UnansweredRequest(error);
  }
  const json = parseObject(text);
  if (status >= 200 && status < 300 && json) return json as T;
  throw new RefusedRequest(status, json ?? {});
}

/** No answer: no network, no server, or too late. The request may still have been carried out. */
class UnansweredRequest extends HttpFailure {
  constructor(cause: unknown) {
    super(0, "", "The server can't be reached.");
    this.cause = cause;
  }
}

/** An answer other than success, with all that it said. */
export class RefusedRequest extends HttpFailure {
  readonly body: MatrixErrorBody;
  constructor(status: number, body: MatrixErrorBody) {
    super(
      status,
      body.errcode ?? "",
      body.error ?? `The server answered with an error (${status}).`,
      body.retry_after_ms,
    );
    this.body = body;
  }
}

/** Parses a JSON object; undefined for anything else, such as a proxy's error page. */
export function parseObject(text: string): MatrixErrorBody | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
