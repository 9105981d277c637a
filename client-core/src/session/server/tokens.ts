import { HttpFailure } from "../api.ts";
import type { Log } from "../api.ts";
import type { Clock } from "../../work/clock.ts";
import { isUnreachable } from "../../work/failure.ts";
import { parseObject, requestJson } from "./http.ts";
import type { Fetch } from "./http.ts";

export type TokenPair = {
  readonly accessToken: string;
  /** Missing for a session that the server doesn't let expire. */
  readonly refreshToken?: string;
  /** Milliseconds since 1970. */
  readonly expiresAt?: number;
};

/** Why the server no longer takes this session's tokens. Never a reason to destroy anything (a dead token locks). */
export type DeadToken = { readonly errcode: string; readonly message: string };

export type TokenOptions = {
  readonly baseUrl: string;
  readonly fetch: Fetch;
  readonly clock: Pick<Clock, "now" | "timeout">;
  readonly log: Log;
  /** Must have written the pair durably when it resolves: the pair is not used before. */
  readonly persist: (pair: TokenPair) => Promise<void>;
  /** Called once. */
  readonly onDead: (reason: DeadToken) => void;
};

type RefreshAnswer = { access_token: string; refresh_token?: string; expires_in_ms?: number };

/** Refresh when less than this is left, or a quarter of a short lifetime. */
const AHEAD_MS = 30_000;
const REFRESH_TIMEOUT_MS = 15_000;

/**
 * The one place that knows the access token, and the one refresher. A refresh whose answer is lost is asked again
 * with the same refresh token: the server allows that until the new pair was used, and it isn't used before it is
 * persisted.
 */
export class Tokens {
  #pair: TokenPair;
  #lifetime: number;
  /** Received and not yet written; must be written before anything else is asked. */
  #unwritten: TokenPair | undefined;
  #refreshing: Promise<void> | undefined;
  #dead: DeadToken | undefined;
  readonly #options: TokenOptions;

  constructor(pair: TokenPair, options: TokenOptions) {
    this.#pair = pair;
    this.#options = options;
    this.#lifetime = pair.expiresAt === undefined ? 0 : Math.max(0, pair.expiresAt - options.clock.now());
  }

  /**
   * `fetch` with the session's token: replaces the Authorization header, refreshes ahead of expiry, and tells a dead
   * token from an expired one, from a proxy's error page and from a request for more authentication.
   */
  readonly fetch: Fetch = async (url, init = {}) => {
    if (this.#dead) return deadAnswer(this.#dead);
    let token = await this.#fresh();
    let response = await this.#send(url, init, token);
    for (let attempt = 0; attempt < 2 && response.status === 401; attempt++) {
      const refusal = parseObject(await response.clone().text());
      if (!refusal?.errcode || refusal.flows) return response;
      // A refresh that is under way may be what this token was replaced by.
      await this.#refreshing?.catch(() => {});
      const current = this.#pair.accessToken;
      if (token === current) {
        if (
          refusal.errcode !== "M_UNKNOWN_TOKEN" ||
          refusal.soft_logout !== true ||
          !this.#pair.refreshToken
        ) {
          this.#die({ errcode: refusal.errcode, message: refusal.error ?? "" });
          return response;
        }
        await this.#refresh(current);
      }
      // Somebody refreshed while this request was on its way: its token was replaced, not refused.
      token = this.#pair.accessToken;
      response = await this.#send(url, init, token);
    }
    return response;
  };

  /** For the one request that must go out although the session is being closed: signing out. */
  get accessToken(): string {
    return this.#pair.accessToken;
  }

  #send(url: string | URL, init: RequestInit, token: string): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set("Authorization", `Bearer ${token}`);
    return this.#options.fetch(url, { ...init, headers });
  }

  async #fresh(): Promise<string> {
    const { accessToken, expiresAt, refreshToken } = this.#pair;
    if (this.#unwritten) await this.#refresh(accessToken);
    if (expiresAt === undefined || refreshToken === undefined) return this.#pair.accessToken;
    const left = expiresAt - this.#options.clock.now();
    if (left <= Math.min(AHEAD_MS, this.#lifetime / 4)) {
      try {
        await this.#refresh(accessToken);
      } catch (error) {
        // What is left of the old token's life bridges a short outage.
        if (!(error instanceof HttpFailure && isUnreachable(error)) || left <= 0) throw error;
      }
    }
    return this.#pair.accessToken;
  }

  /** @param stale the access token that the caller found wanting; a newer one by now means that nothing is to do */
  async #refresh(stale: string): Promise<void> {
    if (this.#pair.accessToken !== stale) return;
    this.#refreshing ??= this.#refreshOnce().finally(() => (this.#refreshing = undefined));
    await this.#refreshing;
  }

  async #refreshOnce(): Promise<void> {
    const { clock, log, persist } = this.#options;
    if (!this.#unwritten) {
      const refreshToken = this.#pair.refreshToken;
      if (refreshToken === undefined) return;
      try {
        const answer = await requestJson<RefreshAnswer>(
          this.#options,
          "POST",
          "/_matrix/client/v3/refresh",
          { refresh_token: refreshToken },
          { timeoutMs: REFRESH_TIMEOUT_MS },
        );
        // Somebody on the way can say anything with a 200; a pair without a token would take the place of a good one.
        if (typeof answer.access_token !== "string")
          throw new HttpFailure(0, "", "That is no answer to a refresh.");
        this.#unwritten = tokenPair(answer, clock.now(), refreshToken);
      } catch (error) {
        if (error instanceof HttpFailure && !isUnreachable(error) && [401, 403].includes(error.status)) {
          this.#die({ errcode: error.errcode, message: error.message });
        }
        throw error;
      }
    }
    const pair = this.#unwritten;
    await persist(pair);
    this.#unwritten = undefined;
    this.#pair = pair;
    this.#lifetime = pair.expiresAt === undefined ? 0 : pair.expiresAt - clock.now();
    log("debug", "access token refreshed");
  }

  #die(reason: DeadToken): void {
    if (this.#dead) return;
    this.#dead = reason;
    this.#options.onDead(reason);
  }
}

/** The pair in an answer to login, register or refresh. */
export function tokenPair(answer: RefreshAnswer, now: number, previousRefreshToken?: string): TokenPair {
  const refreshToken = answer.refresh_token ?? previousRefreshToken;
  return {
    accessToken: answer.access_token,
    ...(refreshToken === undefined ? {} : { refreshToken }),
    ...(answer.expires_in_ms === undefined ? {} : { expiresAt: now + answer.expires_in_ms }),
  };
}

function deadAnswer({ errcode, message }: DeadToken): Response {
  return new Response(JSON.stringify({ errcode, error: message }), {
    status: 401,
    headers: { "Content-Type": "application/json" },
  });
}
