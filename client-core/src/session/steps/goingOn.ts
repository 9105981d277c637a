import { toMs } from "@hearth/protocol";
import { EarlySync } from "../../features/verification/earlySync.ts";
import { PATIENCE } from "../../features/verification/patience.ts";
import { Verification } from "../../features/verification/verification.ts";
import { startWorkspace } from "../../workspace/index.ts";
import { Encryption } from "../setup/encryption.ts";
import { toOutcome } from "../failures.ts";
import { openLive } from "../live.ts";
import type { LiveSession } from "../live.ts";
import type { Vault } from "../vault.ts";
import { wipeContext } from "../wipe/context.ts";
import { WipeListener } from "../wipe/listener.ts";
import type { Parts } from "./parts.ts";

/** From a stored account to wherever it can get: set-up, the rest of a join, ready. */
export class GoingOn {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async goOn(): Promise<void> {
    const { openSession, state, appLock, joining } = this.#parts;
    const { vault } = openSession;
    if (!vault?.account) throw openSession.notReady();
    const live = await this.#openLive(vault);
    appLock.start();
    const encryption = (openSession.encryption ??= new Encryption(live, vault));
    openSession.early ??= new EarlySync(live);
    openSession.verification ??= this.#makeVerification(live, openSession.early);
    if (!openSession.wipes) await this.#heedWipes(live, vault);
    const shown = await vault.recoveryKey();
    if (vault.account.encryption !== "done" || shown !== undefined) {
      const need = await encryption.need();
      state.patch({ connection: { kind: "connected" } });
      if (need === "nothing" && shown !== undefined) {
        return state.show({ kind: "setup", step: "show_key", recoveryKey: shown });
      }
      if (need !== "nothing") {
        if (vault.join) joining.show(vault.join, { step: "encryption" });
        return state.show({ kind: "setup", step: need });
      }
      await vault.patchAccount({ encryption: "done" });
    } else {
      void this.#checkEncryptionLater(live, encryption);
    }
    if (vault.join) {
      state.show({ kind: "joining" });
      await joining.finish(live, vault);
    }
    await this.#becomeReady(live);
  }

  /** The same for a start, where nobody waits for an outcome: without a server, tries again by itself. */
  async goOnOrRetry(): Promise<void> {
    const { openSession, state, retry, joining, environment } = this.#parts;
    retry.stop();
    try {
      await this.goOn();
      retry.worked();
    } catch (error) {
      if (openSession.disposed || !openSession.vault || openSession.live?.stopped.aborted) return;
      if (openSession.vault.join) return joining.broke(openSession.vault.join, error);
      const outcome = toOutcome(error);
      const message = outcome.ok ? "" : outcome.message;
      environment.log("warn", "could not start", error);
      state.patch({ connection: { kind: "waiting", message } });
      retry.later(() => {
        openSession.exclusive(() => this.goOnOrRetry()).catch(() => {});
      }, true);
    }
  }

  async #openLive(vault: Vault): Promise<LiveSession> {
    const { openSession, state, views, environment, contact, locking, rotation } = this.#parts;
    const { lease } = openSession;
    if (!lease) throw openSession.notReady();
    const live = (openSession.live ??= await openLive(
      environment,
      vault,
      state,
      views,
      lease,
      (reason) => {
        if (openSession.vault === vault) locking.lockSession(reason);
      },
      () => rotation.afterPrune(),
    ));
    if (openSession.vault !== vault) {
      live.close();
      throw openSession.notReady();
    }
    lease.start(live.tokens.fetch, (end) => contact.leaseEnded(end));
    return live;
  }

  async #heedWipes(live: LiveSession, vault: Vault): Promise<void> {
    const { openSession, environment, wipeGuard, wiping } = this.#parts;
    openSession.wipes = new WipeListener(live, {
      environment,
      context: () => wipeContext(vault),
      onOrder: (order, target, from) => wiping.obey(order, target, from),
      onIgnored: (reason) => wipeGuard.ignored(reason),
    });
    // What was sent to this device while it was ended at the homeserver, and signed in again, is lost.
    await wipeGuard.learn(vault);
    if (openSession.vault !== vault) throw openSession.notReady();
    wipeGuard.watch(false);
  }

  async #becomeReady(live: LiveSession): Promise<void> {
    const { openSession, state, appLock, rotation, onlineUnlock, storageRule } = this.#parts;
    if (!openSession.workspace) {
      await openSession.early?.stop();
      const workspace = await startWorkspace(live);
      if (live.stopped.aborted) {
        await workspace.dispose();
        throw openSession.notReady();
      }
      openSession.workspace = workspace;
    }
    state.patch({ phase: { kind: "ready" } });
    this.forgetUnreadable();
    openSession.verification?.show();
    rotation.start();
    onlineUnlock.start();
    storageRule.start();
    appLock.start();
  }

  /** [P3] At each start, each storage rotation, and when the policy is another. */
  forgetUnreadable(): void {
    const { openSession, state, environment } = this.#parts;
    const { policy } = state.told;
    const { vault } = openSession;
    if (!policy || !vault || state.current.isAdmin) return;
    const windowMs = toMs(policy.key_window);
    const now = environment.clock.now();
    vault.records
      .forgetUnreadable(now, (at) => now - at > windowMs)
      .catch((error: unknown) => environment.log("warn", "what can't be read could not be forgotten", error));
  }

  #makeVerification(live: LiveSession, early: EarlySync): Verification {
    const { openSession, state, environment } = this.#parts;
    return new Verification({
      live,
      patience: environment.patience ?? PATIENCE,
      listen: async (wanted) => {
        if (!wanted) await early.stop();
        else if (!openSession.workspace) early.start();
      },
      // Signed by another device now: as good as unlocked.
      onOwnDone: () => {
        if (state.current.phase.kind === "setup")
          openSession.exclusive(() => this.goOnOrRetry()).catch(() => {});
      },
    });
  }

  /**
   * A device that was set up starts without asking. Whether it still is (identity replaced elsewhere) is looked up
   * beside the work.
   */
  async #checkEncryptionLater(live: LiveSession, encryption: Encryption): Promise<void> {
    const { openSession, state, environment } = this.#parts;
    try {
      const need = await encryption.need();
      if (need === "nothing" || live.stopped.aborted) return;
      await openSession.exclusive(async () => {
        if (live.stopped.aborted) return;
        await openSession.vault?.patchAccount({ encryption: "check" });
        await this.#parts.ending.stopWorkspace();
        state.show({ kind: "setup", step: need });
      });
    } catch (error) {
      environment.log("info", "could not look up the state of encryption", error);
    }
  }
}
