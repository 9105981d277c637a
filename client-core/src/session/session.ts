import type { Workspace } from "./api.ts";
import type { AppLock } from "./appLock/appLock.ts";
import type { Encryption } from "./setup/encryption.ts";
import type { Environment } from "./environment.ts";
import type { Joining } from "./setup/joining.ts";
import type { LiveSession } from "./live.ts";
import { Parts } from "./steps/parts.ts";
import type { SessionStorage } from "./storage/storage.ts";
import type { Verification } from "../features/verification/verification.ts";
import type { SessionState } from "./state.ts";
import type { PublishedViews } from "./views.ts";

/**
 * Which phase the session is in, and the way from each to the next. What is stored decides where a start goes on;
 * every step is written before it is relied upon. The steps are in `steps/`; this is what commands see of them.
 *
 * Work on the session is done in `exclusive`, one piece after the other. A lock (dead token), a sign-out and another
 * tab cut in: they end what is running.
 */
export class Session {
  readonly #parts: Parts;

  constructor(environment: Environment, state: SessionState, views: PublishedViews) {
    this.#parts = new Parts(environment, state, views);
  }

  /** Opens what is stored. Resolves when the first phase is known; a join goes on afterwards by itself. */
  async start(): Promise<void> {
    const { openSession, state, tabs, starting } = this.#parts;
    const started = openSession.exclusive(async () => {
      const { signal } = openSession;
      try {
        if (!(await tabs.acquire())) return state.show({ kind: "other_tab" });
      } catch (error) {
        return starting.storageProblem(error);
      }
      await starting.openStored(signal);
    });
    try {
      await started;
    } catch (error) {
      // A wipe that was waiting cut in: it shows what there is to show.
      if (!(error instanceof DOMException && error.name === "AbortError")) throw error;
    }
  }

  /** Stops everything and frees what it holds. Keys and data stay stored. */
  async dispose(): Promise<void> {
    const { openSession, tabs, wipeGuard, ending } = this.#parts;
    if (openSession.disposed) return;
    openSession.disposed = true;
    openSession.cutShort();
    await openSession.exclusive(() => ending.close());
    wipeGuard.forget();
    tabs.release();
  }

  /** @throws Refusal locked or signed_out when there is none */
  get live(): LiveSession {
    return this.#parts.openSession.liveNow();
  }

  /** @throws Refusal as `live` */
  get encryption(): Encryption {
    const { openSession } = this.#parts;
    if (!openSession.encryption || !this.live) throw openSession.notReady();
    return openSession.encryption;
  }

  /** @throws Refusal as `live` */
  get verification(): Verification {
    const { openSession } = this.#parts;
    if (!openSession.verification || !this.live) throw openSession.notReady();
    return openSession.verification;
  }

  /** Runs a command of the workspace; one that comes during a storage rotation waits for its end. */
  async inWorkspace<T>(work: (workspace: Workspace) => Promise<T>): Promise<T> {
    const { openSession } = this.#parts;
    return openSession.workspaceUse.during(() => {
      // Not there before set-up and a join are finished.
      if (!openSession.workspace || !this.live) throw openSession.notReady();
      return work(openSession.workspace);
    });
  }

  get isReady(): boolean {
    return this.#parts.openSession.workspace !== undefined;
  }

  get joining(): Joining {
    return this.#parts.joining;
  }

  get appLock(): AppLock {
    return this.#parts.appLock;
  }

  exclusive<T>(work: () => Promise<T>): Promise<T> {
    return this.#parts.openSession.exclusive(work);
  }

  cutShort(): void {
    this.#parts.openSession.cutShort();
  }

  goOn(): Promise<void> {
    return this.#parts.goingOn.goOn();
  }

  signIn(arg: { userName: string; password: string }): Promise<void> {
    return this.#parts.signingIn.signIn(arg);
  }

  signOut(): Promise<{ serverTold: boolean }> {
    return this.#parts.ending.signOut();
  }

  takeOver(): Promise<void> {
    return this.#parts.tabs.takeOver();
  }

  lockApp(): void {
    this.#parts.locking.lockApp();
  }

  /** @param open with the passphrase, or what a passkey gave */
  unlockApp(open: (lock: AppLock) => Promise<SessionStorage>): Promise<void> {
    return this.#parts.locking.unlockApp(open);
  }
}
