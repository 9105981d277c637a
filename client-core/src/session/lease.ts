import { afterContact, afterRunning, decideLease, sureTime } from "@hearth/protocol";
import type { LeaseRecord, LeaseVerdict, SureTime } from "@hearth/protocol";
import { isLeaseOver } from "./appLock/lockedLease.ts";
import type { Log } from "./api.ts";
import { HttpFailure } from "./api.ts";
import { pause } from "../work/clock.ts";
import type { Clock, Stop } from "../work/clock.ts";
import { isUnreachable } from "../work/failure.ts";
import { requestJson } from "./server/http.ts";
import type { Fetch } from "./server/http.ts";

export type LeaseOptions = {
  readonly baseUrl: string;
  /** Without a token. */
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly log: Log;
  /** Keeps what is stored of it where it can be read without the root key as well, if it must be. */
  readonly alsoKeep?: (record: LeaseRecord) => Promise<void>;
};

/** Where the lease is kept. */
type Kept = {
  lease(): Promise<LeaseRecord | undefined>;
  save(changes: { readonly lease: LeaseRecord }): Promise<void>;
};

type Ticking = {
  readonly fetch: Fetch | undefined;
  readonly onEnd: (end: LeaseEnd) => void;
  readonly stopped: AbortController;
};

/** Until a device has heard of its org's policy; what that starts with. */
const FIRST_LEASE_MS = 72 * 3_600_000;
/** For how long the server is asked, again and again, before it counts as out of reach: a network that is just coming up. */
const PATIENCE_MS = 15_000;
const BETWEEN_ASKS_MS = 500;
/** The lease is looked at, and what it needs is written, this often, or twenty times in a lease shorter than that. */
const LONGEST_TICK_MS = 60_000;
const SHORTEST_TICK_MS = 100;
const SYNC = "/_matrix/client/unstable/org.matrix.simplified_msc3575/sync";

/** The lease has run out for certain; or it is to be settled, and nothing may be shown before it is. */
export type LeaseEnd = "over" | "unsettled";

export const LAPSED =
  "This device had no contact with your team’s server for longer than your team allows, so it destroyed its keys before showing anything. What your team has is safe; only what this device had not sent yet is gone. Sign in again with your password and your recovery key: it then counts as a new device.";
export const OUT_OF_CONTACT =
  "This device’s clock is behind, or was changed while there was no contact, so Hearth can’t tell how long it has been on its own. Your keys stay on this device, and nothing is shown. Connect to the network, and Hearth goes on by itself.";

/**
 * [P7] The lease of the stored session: remembers its last contact, asks for contact when the lease runs short, and
 * says when it has run out. The rule itself is `decideLease`. A contact is an answer to a sync that came whole, with the
 * session's token, from our own origin, and nothing else: an error page or another origin's answer proves nothing.
 */
export class Lease {
  readonly #options: LeaseOptions;
  readonly #vault: Kept;
  #record: LeaseRecord | undefined;
  #lengthMs: number;
  /** The Date of the newest sync answer, which may still turn out to be none. */
  #date: number | undefined;
  /** When the running time was last added up, on the clock that nobody can set. */
  #counted: number;
  #saved = 0;
  #asking = false;
  #stopTicking: Stop = () => {};
  #ticking: Ticking | undefined;

  private constructor(vault: Kept, options: LeaseOptions, record: LeaseRecord | undefined) {
    this.#vault = vault;
    this.#options = options;
    this.#record = record;
    this.#lengthMs = record?.leaseMs ?? FIRST_LEASE_MS;
    this.#counted = options.clock.monotonic();
  }

  /** @param before the lease of the same session that this page held until now: it may have run on since it was stored */
  static async open(vault: Kept, options: LeaseOptions, before?: Lease): Promise<Lease> {
    before?.stop();
    return new Lease(vault, options, before?.counted() ?? (await vault.lease()));
  }

  /** @param asked true where the server can't be asked, or was and did not answer */
  verdict(asked = false): LeaseVerdict {
    const record = this.counted();
    // Without one contact there is nothing to protect: keys come by sync.
    return record ? decideLease({ record, now: this.#options.clock.now(), asked }) : "go";
  }

  /** The record with the running time up to now. */
  counted(): LeaseRecord | undefined {
    const at = this.#options.clock.monotonic();
    if (this.#record)
      this.#record = afterRunning(this.#record, at - this.#counted, this.#options.clock.now());
    this.#counted = at;
    return this.#record;
  }

  /** By which time keys that are too old are destroyed; before the first contact none are. */
  sureTime(): SureTime {
    const record = this.counted();
    const now = this.#options.clock.now();
    if (record) return sureTime(record, now);
    return { at: -Infinity, isDoubted: false, aheadMs: 0, believedInMs: 0 };
  }

  /** What the policy says. Kept with the record, so that it is known without a server. */
  setLength(leaseMs: number): void {
    if (leaseMs === this.#lengthMs) return;
    this.#lengthMs = leaseMs;
    if (this.#record) this.#record = { ...this.#record, leaseMs };
    void this.save();
    if (this.#ticking) this.start(this.#ticking.fetch, this.#ticking.onEnd);
  }

  /** `fetch`, with an eye on the answers to syncs. */
  watch(doFetch: Fetch): Fetch {
    return async (url, init) => {
      const response = await doFetch(url, init);
      if (isSync(url)) this.#date = this.#dateOf(response);
      return response;
    };
  }

  /** The newest answer to a sync was a whole one. */
  synced(): void {
    if (!this.#contact(this.#date)) this.#ticking?.onEnd("over");
  }

  /**
   * Asks the server, with patience and no longer, and says what follows.
   * @param doFetch with the session's token
   * @param isDead whether asking has become pointless
   * @throws AbortError when cut short: nothing follows from that
   */
  async settle(doFetch: Fetch, signal: AbortSignal, isDead: () => boolean): Promise<LeaseVerdict> {
    const until = this.#options.clock.monotonic() + Math.min(PATIENCE_MS, Math.max(this.#lengthMs, 1_000));
    for (;;) {
      const left = until - this.#options.clock.monotonic();
      if (left <= 0 || isDead()) break;
      const answer = await this.#ask(
        doFetch,
        AbortSignal.any([signal, this.#options.clock.timeout(Math.ceil(left))]),
      );
      signal.throwIfAborted();
      if (answer !== "unanswered") return answer;
      await pause(this.#options.clock, Math.min(BETWEEN_ASKS_MS, left));
    }
    await this.save();
    return this.verdict(true);
  }

  /**
   * Whether it has run out, where nobody has a token to ask with: the server's time is asked for all the same.
   * @throws what `signal` was aborted with: nothing follows from that
   */
  async isOver(signal: AbortSignal): Promise<boolean> {
    const record = this.counted();
    return record !== undefined && isLeaseOver(record, this.#options, signal);
  }

  /**
   * Looks at the lease from now on, as long as the page is open.
   * @param doFetch with the session's token, to ask ahead of time; undefined when the token is dead
   */
  start(doFetch: Fetch | undefined, onEnd: (end: LeaseEnd) => void): void {
    this.stop();
    this.#ticking = { fetch: doFetch, onEnd, stopped: new AbortController() };
    this.#stopTicking = this.#options.clock.every(this.#tickMs, () => void this.#tick());
  }

  stop(): void {
    this.#stopTicking();
    this.#ticking?.stopped.abort();
    this.#ticking = undefined;
  }

  async save(): Promise<void> {
    const record = this.counted();
    if (!record) return;
    this.#saved = this.#options.clock.monotonic();
    try {
      await this.#vault.save({ lease: record });
      await this.#options.alsoKeep?.(record);
    } catch (error) {
      this.#options.log("debug", "the lease could not be written", error);
    }
  }

  get #tickMs(): number {
    return Math.min(LONGEST_TICK_MS, Math.max(SHORTEST_TICK_MS, this.#lengthMs / 20));
  }

  async #tick(): Promise<void> {
    const ticking = this.#ticking;
    if (!ticking) return;
    const { fetch: doFetch, onEnd } = ticking;
    const isWithin = this.verdict() === "go";
    if (!doFetch) return isWithin ? undefined : this.#settleWithoutToken(ticking);
    if (!isWithin) return onEnd("unsettled");
    if (this.#options.clock.monotonic() - this.#saved >= this.#tickMs) await this.save();
    const record = this.#record;
    if (!record || this.#asking) return;
    const elapsed = Math.max(this.#options.clock.now() - record.device, record.ranMs);
    if (elapsed < record.leaseMs / 2) return;
    // A sync that waits for news says nothing meanwhile: a short lease must not run out of that.
    this.#asking = true;
    try {
      const answer = await this.#ask(doFetch, this.#options.clock.timeout(PATIENCE_MS));
      if (answer === "destroy") this.#ticking?.onEnd("over");
    } finally {
      this.#asking = false;
    }
  }

  async #settleWithoutToken({ stopped, onEnd }: Ticking): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    try {
      const isOver = await this.isOver(stopped.signal);
      if (isOver && !stopped.signal.aborted) onEnd("over");
    } catch (error) {
      if (!stopped.signal.aborted) throw error;
    } finally {
      this.#asking = false;
    }
  }

  /** A sync of its own that waits for nothing and wants nothing: its answer is contact, and names the server's time. */
  async #ask(doFetch: Fetch, signal: AbortSignal): Promise<LeaseVerdict | "unanswered"> {
    let date: number | undefined;
    const dated: Fetch = async (url, init) => {
      const response = await doFetch(url, init);
      date = this.#dateOf(response);
      return response;
    };
    try {
      const body = { conn_id: "lease", lists: {} };
      const path = `${SYNC}?timeout=0`;
      const answer = await requestJson<unknown>({ ...this.#options, fetch: dated }, "POST", path, body, {
        signal,
      });
      if (!isSyncAnswer(answer)) return "unanswered";
    } catch (error) {
      if (!(error instanceof HttpFailure && isUnreachable(error)))
        this.#options.log("debug", "the server did not answer for the lease", error);
      return "unanswered";
    }
    return this.#contact(date) ? "go" : "destroy";
  }

  /** @returns false when the lease was over before this contact: it comes too late, and changes nothing */
  #contact(date: number | undefined): boolean {
    const device = this.#options.clock.now();
    const before = this.counted();
    // A proxy that takes the date away must not end anybody's lease.
    const server = date ?? (before ? before.server + Math.max(0, device - before.device) : device);
    if (before && decideLease({ record: before, now: device, server, asked: false }) === "destroy")
      return false;
    const first = { leaseMs: this.#lengthMs, server, device, ranMs: 0 };
    this.#record = afterContact(before ?? first, { server, device, named: date });
    if (!before || this.#options.clock.monotonic() - this.#saved >= this.#tickMs) void this.save();
    return true;
  }

  #dateOf(response: Response): number | undefined {
    const foreign =
      response.url !== "" && new URL(response.url).origin !== new URL(this.#options.baseUrl).origin;
    const date = Date.parse(response.headers.get("date") ?? "");
    return response.ok && !foreign && !Number.isNaN(date) ? date : undefined;
  }
}

/** What tells an answer to a sync from anything else that somebody on the way may say with a 200. */
export function isSyncAnswer(answer: unknown): boolean {
  return typeof answer === "object" && answer !== null && "pos" in answer && typeof answer.pos === "string";
}

function isSync(url: string | URL): boolean {
  return new URL(url).pathname.endsWith(SYNC);
}
