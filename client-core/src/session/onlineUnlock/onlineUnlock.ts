import type { Log } from "../api.ts";
import type { FromWorkspace } from "../fromWorkspace.ts";
import type { Clock } from "../../work/clock.ts";
import { Later } from "../../work/retry.ts";

/** What failed (no network, a full disk) is tried again after this. */
const RETRY_MS = 30_000;

export type OnlineUnlockHost = {
  readonly clock: Clock;
  readonly told: Pick<FromWorkspace, "policy" | "onPolicy">;
  readonly log: Log;
  /** Whether the root key is divided; undefined where this device can't change that. */
  readonly isDivided: () => boolean | undefined;
  /** Moves a running session to a place whose root key is divided, or whole, and goes on with it. */
  readonly convert: (divide: boolean) => Promise<void>;
  /** Empties the server's half where nothing needs it any more. */
  readonly tidy: () => Promise<void>;
};

/** Makes a running device do what the policy says of its root key. */
export class OnlineUnlock {
  readonly #host: OnlineUnlockHost;
  #stopListening = () => {};
  readonly #again: Later;
  #running = false;
  #working = false;
  #tidied = false;

  constructor(host: OnlineUnlockHost) {
    this.#host = host;
    this.#again = new Later(host.clock);
  }

  start(): void {
    this.stop();
    this.#running = true;
    this.#stopListening = this.#host.told.onPolicy(() => this.#look());
    this.#look();
  }

  stop(): void {
    this.#running = false;
    this.#tidied = false;
    this.#again.stop();
    this.#stopListening();
  }

  #look(): void {
    const policy = this.#host.told.policy;
    const isDivided = this.#host.isDivided();
    if (!policy || isDivided === undefined || this.#working) return;
    const divide = policy.online_unlock === "on";
    if (divide !== isDivided)
      void this.#work(async () => {
        await this.#host.convert(divide);
        if (this.#host.isDivided() !== divide) throw new Error("the session did not move");
      });
    else if (!divide && !this.#tidied)
      void this.#work(async () => {
        await this.#host.tidy();
        this.#tidied = true;
      });
  }

  async #work(work: () => Promise<void>): Promise<void> {
    this.#working = true;
    let isDone = false;
    try {
      await work();
      isDone = true;
    } catch (error) {
      this.#host.log("warn", "the root key could not be converted", error);
    }
    this.#working = false;
    if (!this.#running) return;
    // What the policy says may have changed meanwhile.
    this.#again.in(isDone ? 0 : RETRY_MS, () => this.#look());
  }
}
