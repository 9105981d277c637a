import type { SignedInSession } from "../../session/api.ts";
import { background } from "../../workspace/background.ts";
import type { Received } from "./post.ts";
import { Turns } from "../../work/turns.ts";

/** Each is looked at with care, one after the other: who floods us must not fill our memory. */
const MOST_QUEUED = 500;
/** A passing fault (a server that does not say whose device it is, a full disk) is waited out this often. */
const MOST_TRIES = 5;
const KEY = "inbox:";

type Kept = { readonly v: 1; readonly received: Received };

export type InboxDeps = {
  readonly session: Pick<SignedInSession, "records" | "stopped" | "log" | "now">;
  readonly pause: () => Promise<void>;
  /** Resolves when messages can be dealt with; until then they are kept. */
  readonly ready: Promise<void>;
  /**
   * Deals with one message.
   * @param again whether it may have been dealt with before: then what was done already is not to be refused
   */
  readonly take: (received: Received, again: boolean) => Promise<void>;
};

/**
 * Messages between devices that came and are not dealt with yet. The server deletes a message once it was handed out,
 * and it can be decrypted only once: so it is written down before anything else is done with it, and a session that
 * closes or rotates its storage in that moment finds it when it opens again. One message after the other, in the order in which
 * they came.
 */
export class Inbox {
  readonly #deps: InboxDeps;
  readonly #turns = new Turns();
  #written: Promise<unknown> = Promise.resolve();
  #queued = 0;
  #count = 0;
  #closed = false;

  constructor(deps: InboxDeps) {
    this.#deps = deps;
    void this.#turns.take(() => deps.ready);
  }

  /** What an earlier session left, before all that comes from now on. */
  async load(): Promise<void> {
    const rows = await this.#deps.session.records.all<Kept>("access");
    const kept = rows.filter(({ key, value }) => key.startsWith(KEY) && value.v === 1);
    const left = kept.toSorted((a, b) => (a.key < b.key ? -1 : 1));
    for (const { key, value } of left) this.#queue(key, value.received, true);
  }

  add(received: Received): void {
    const { session } = this.#deps;
    if (this.#closed) return;
    if (this.#queued >= MOST_QUEUED) return session.log("warn", "too many messages about access at once");
    const key = `${KEY}${String(session.now()).padStart(16, "0")}:${String(++this.#count).padStart(6, "0")}`;
    // What came in the clear is refused, whenever that is.
    if (received.info === null) return this.#queue(undefined, received, false);
    const value: Kept = { v: 1, received };
    const written = session.records.write([{ collection: "access", key, value }]);
    this.#written = Promise.allSettled([this.#written, written]);
    background(session, "writing down a message about access", written);
    this.#queue(key, received, false);
  }

  /** Takes nothing more; resolves when all that came is on the disk. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#written;
  }

  #queue(key: string | undefined, received: Received, again: boolean): void {
    this.#queued += 1;
    const dealt = this.#turns.take(() => this.#deal(key, received, again)).finally(() => (this.#queued -= 1));
    background(this.#deps.session, "taking in a message about access", dealt);
  }

  async #deal(key: string | undefined, received: Received, again: boolean): Promise<void> {
    const { session, take, pause } = this.#deps;
    for (let tries = 1; ; tries += 1) {
      if (this.#closed || session.stopped.aborted) return;
      try {
        await take(received, again || tries > 1);
        break;
      } catch (error) {
        // Found again when the session opens.
        if (this.#closed || session.stopped.aborted) return;
        session.log("error", "a message about access was not taken in", error);
        if (tries >= MOST_TRIES) break;
        await pause();
      }
    }
    if (key !== undefined) await session.records.write([{ collection: "access", key, remove: true }]);
  }
}
