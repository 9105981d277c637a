import { Refusal } from "../failures.ts";
import type { TabLock } from "../tabLock.ts";
import type { Parts } from "./parts.ts";

/** One tab holds the session: this one takes it, leaves it to another one that asks, or asks for it. */
export class Tabs {
  readonly #parts: Parts;
  readonly #lock: TabLock;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#lock = parts.environment.makeLock(() => this.#leave());
  }

  /** @returns whether the session is this tab's @throws StorageRefused */
  acquire(): Promise<boolean> {
    return this.#lock.acquire();
  }

  release(): void {
    this.#lock.release();
  }

  /** @throws Refusal conflict when the other tab keeps it */
  async takeOver(): Promise<void> {
    const { openSession, state, starting } = this.#parts;
    const { signal } = openSession;
    if (state.current.phase.kind !== "other_tab") return;
    if (!(await this.#lock.takeOver())) {
      throw new Refusal("conflict", "The other tab does not answer. Close it, then try again.");
    }
    state.show({ kind: "starting" });
    await starting.openStored(signal);
  }

  async #leave(): Promise<void> {
    const { openSession, state, wipeGuard, ending, locking } = this.#parts;
    openSession.cutShort();
    await openSession.exclusive(async () => {
      await locking.beforeClosing();
      await ending.close();
      openSession.storage = undefined;
      openSession.lease = undefined;
      wipeGuard.forget();
      state.show({ kind: "other_tab" });
    });
  }
}
