import type { EarlySync } from "../../features/verification/earlySync.ts";
import type { Verification } from "../../features/verification/verification.ts";
import type { Workspace } from "../api.ts";
import type { Encryption } from "../setup/encryption.ts";
import { Refusal } from "../failures.ts";
import type { Lease } from "../lease.ts";
import type { LiveSession } from "../live.ts";
import type { SessionStorage } from "../storage/storage.ts";
import { Turns } from "../../work/turns.ts";
import { Use } from "../use.ts";
import type { Vault } from "../vault.ts";
import type { SessionState } from "../state.ts";
import type { WipeListener } from "../wipe/listener.ts";

/** What of the one session is open now; undefined is what is closed, or not there. And the turns in which it is worked on. */
export class OpenSession {
  /** The place of what is stored, in the form in which it can be read now. */
  storage: SessionStorage | undefined;
  vault: Vault | undefined;
  lease: Lease | undefined;
  live: LiveSession | undefined;
  encryption: Encryption | undefined;
  verification: Verification | undefined;
  early: EarlySync | undefined;
  workspace: Workspace | undefined;
  wipes: WipeListener | undefined;
  readonly workspaceUse = new Use();
  /** While a lock writes itself down and closes the session. */
  closing: Promise<void> = Promise.resolve();
  /** While what is stored moves to another place. */
  moving: Promise<void> = Promise.resolve();
  disposed = false;
  readonly #turns = new Turns();
  readonly #state: SessionState;

  constructor(state: SessionState) {
    this.#state = state;
  }

  /** Aborted when what runs now is cut short. */
  get signal(): AbortSignal {
    return this.#turns.signal;
  }

  exclusive<T>(work: () => Promise<T>): Promise<T> {
    return this.#turns.take(async (signal) => {
      // A lock writes itself down before anything else happens to what is stored.
      await this.closing;
      // Cut short, a storage rotation stops at its next step; until then nobody touches what it moves, and nobody destroys half.
      await this.moving;
      signal.throwIfAborted();
      return work();
    });
  }

  /** Ends what is under way at once, whatever it waits for. Requests of the session fail from here on. */
  cutShort(): void {
    this.cutTurnsShort();
    this.live?.close();
  }

  /** The same, and what is open goes on. */
  cutTurnsShort(): void {
    this.#turns.cutShort();
  }

  /** @throws Refusal as `notReady` */
  liveNow(): LiveSession {
    if (!this.live || this.live.stopped.aborted) throw this.notReady();
    return this.live;
  }

  /** Why there is nothing open: locked, conflict, storage_unavailable or signed_out. */
  notReady(): Refusal {
    const { phase } = this.#state.current;
    if (phase.kind === "locked" || phase.kind === "out_of_contact" || phase.kind === "no_start")
      return new Refusal("locked", phase.message);
    if (phase.kind === "app_locked")
      return new Refusal("locked", "Hearth is locked. Unlock it with your passphrase, then try again.");
    if (phase.kind === "other_tab")
      return new Refusal("conflict", "Hearth is open in another tab: use that one.");
    if (phase.kind === "storage_problem") return new Refusal("storage_unavailable", phase.message);
    return new Refusal("signed_out", "Sign in first.");
  }
}
