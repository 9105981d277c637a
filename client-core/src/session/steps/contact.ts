import type { LeaseRecord } from "@hearth/protocol";
import { LAPSED, Lease, OUT_OF_CONTACT } from "../lease.ts";
import type { LeaseEnd } from "../lease.ts";
import { openTokens } from "../live.ts";
import { lockMessage } from "../server/lockMessage.ts";
import type { DeadToken } from "../server/tokens.ts";
import type { Vault } from "../vault.ts";
import type { Parts } from "./parts.ts";

/** [P7] What the session does about its lease: nothing is shown before it is settled, and what is over is destroyed. */
export class Contact {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Goes on with the lease that this page held until now: it may have run on since it was stored. */
  openLease(vault: Vault): Promise<Lease> {
    const { environment, openSession, appLock } = this.#parts;
    const alsoKeep = (record: LeaseRecord) => appLock.noteLease(record);
    return Lease.open(vault, { ...environment, alsoKeep }, openSession.lease);
  }

  /** Looked at before anything is opened or shown. Where it may not go on, says so, or has destroyed the keys. */
  async isWithinLease(
    vault: Pick<Vault, "account" | "tokens" | "save" | "patchAccount">,
    lease: Lease,
    again: () => Promise<void>,
  ): Promise<boolean> {
    const { environment, openSession, state, appLock } = this.#parts;
    let dead: DeadToken | undefined;
    const isLocked = vault.account?.locked !== undefined;
    const { signal } = openSession;
    let verdict = lease.verdict();
    if (verdict === "ask" && !isLocked) {
      const tokens = await openTokens(environment, vault, (reason) => (dead = reason));
      verdict = await lease.settle(tokens.fetch, signal, () => dead !== undefined);
    }
    // No contact comes of a dead token, and a wrong clock of the device must not cost anybody their keys.
    if (verdict !== "go" && (isLocked || dead)) verdict = (await lease.isOver(signal)) ? "destroy" : "locked";
    if (verdict === "destroy") {
      await this.destroyLapsed();
      return false;
    }
    if (dead) await vault.patchAccount({ locked: lockMessage(dead) });
    // What is locked shows nothing anyway.
    if (verdict === "go" || isLocked || dead) return true;
    state.show({ kind: "out_of_contact", message: OUT_OF_CONTACT });
    appLock.start();
    this.tryAgain(again, false);
    return false;
  }

  /** @param growing as `Retry.later` */
  tryAgain(again: () => Promise<void>, growing: boolean): void {
    const { openSession, retry, environment } = this.#parts;
    const work = () => {
      openSession
        .exclusive(again)
        .catch((error: unknown) => environment.log("info", "waiting for contact was cut short", error));
    };
    retry.later(work, growing);
  }

  /** While something was open. What it shows goes at once; then it is as at a start. */
  leaseEnded(end: LeaseEnd): void {
    const { environment, openSession, state } = this.#parts;
    if (openSession.disposed) return;
    environment.log("warn", `the lease: ${end}`);
    openSession.lease?.stop();
    openSession.cutShort();
    state.show({ kind: "starting" });
    openSession
      .exclusive(async () => {
        if (end === "over") return this.destroyLapsed();
        const { signal } = openSession;
        await this.#parts.ending.close();
        await this.#parts.starting.openStored(signal);
      })
      .catch((error: unknown) => environment.log("info", "settling the lease was cut short", error));
  }

  async destroyLapsed(): Promise<void> {
    const { views, ending, starting } = this.#parts;
    try {
      await ending.destroy();
      views.set("join", { step: "idle", canResume: false });
      ending.signedOut(LAPSED);
    } catch (error) {
      starting.storageProblem(error);
    }
  }
}
