import type { SessionView } from "../contract/index.ts";
import type { Clock } from "../work/clock.ts";

export type Connection = SessionView["connection"];

const CONNECTED: Connection = { kind: "connected" };
const WAITING: Connection = {
  kind: "waiting",
  message: "The server does not answer. Hearth keeps trying; what you write is kept and sent then.",
};

const LONGEST_PAUSE_MS = 3000;

/**
 * Whether the server answers, as the sync loop sees it. After a failure it is asked again soon and often: one small
 * request every three seconds costs nothing, and somebody with a caller on the line waits for it.
 */
export class ConnectionWatch {
  #view: Connection = { kind: "connecting" };
  #failures = 0;
  readonly #clock: Clock;
  readonly #listeners = new Set<(view: Connection) => void>();
  readonly #waiting = new Set<() => void>();
  readonly #online = () => {
    for (const wake of this.#waiting) wake();
  };

  constructor(clock: Clock) {
    this.#clock = clock;
    globalThis.addEventListener?.("online", this.#online);
  }

  get view(): Connection {
    return this.#view;
  }

  get isConnected(): boolean {
    return this.#view.kind === "connected";
  }

  onChange(listener: (view: Connection) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  answered(): void {
    this.#failures = 0;
    this.#set(CONNECTED);
  }

  failed(): void {
    this.#failures += 1;
    this.#set(WAITING);
  }

  /** Until the next try is due, or the network came back, or `signal` was aborted. */
  async pause(signal: AbortSignal, atLeastMs = 0): Promise<void> {
    const ms = Math.max(atLeastMs, Math.min(LONGEST_PAUSE_MS, 250 * 2 ** Math.max(0, this.#failures - 1)));
    await new Promise<void>((resolve) => {
      const done = () => {
        stop();
        signal.removeEventListener("abort", done);
        this.#waiting.delete(done);
        resolve();
      };
      const stop = this.#clock.after(ms, done);
      this.#waiting.add(done);
      signal.addEventListener("abort", done, { once: true });
      if (signal.aborted) done();
    });
  }

  dispose(): void {
    globalThis.removeEventListener?.("online", this.#online);
    this.#listeners.clear();
  }

  #set(view: Connection): void {
    if (this.#view.kind === view.kind) return;
    this.#view = view;
    for (const listener of this.#listeners) listener(view);
  }
}
