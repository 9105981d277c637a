import type { LeaseRecord } from "@hearth/protocol";
import type { AppLock } from "../appLock/appLock.ts";
import { lockedForm } from "../appLock/keyLock.ts";
import { Lease } from "../lease.ts";
import { lockMessage } from "../server/lockMessage.ts";
import { within } from "../../work/runningTime.ts";
import { placeOf } from "../storage/dividedStorage.ts";
import type { SessionStorage } from "../storage/storage.ts";
import type { DeadToken } from "../server/tokens.ts";
import type { Vault } from "../vault.ts";
import type { Parts } from "./parts.ts";

/** Commands have no network any more when a session is being locked, so they write what they have to and end. */
const COMMANDS_MS = 2_000;

/** [P7] Keys leave memory and nothing is shown, for a dead token or an app lock; nothing that is stored is destroyed. */
export class Locking {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  // -- a dead token ------------------------------------------------------------------------------------------------

  /** In the middle of work. */
  lockSession(reason: DeadToken): void {
    const { openSession, state, environment, contact, wipeGuard, appLock, ending } = this.#parts;
    const { vault } = openSession;
    const { account } = vault ?? {};
    if (!account || openSession.disposed) return;
    const message = lockMessage(reason);
    environment.log("warn", `session locked: ${reason.errcode} ${reason.message}`);
    openSession.cutShort();
    state.show({ kind: "locked", userId: account.userId, message });
    openSession.closing = (async () => {
      try {
        await vault?.patchAccount({ locked: message });
      } catch (error) {
        environment.log("warn", "could not note the lock", error);
      }
      await this.beforeClosing();
      await ending.close();
      wipeGuard.watch(true);
      // Whoever comes back to a lock opens that first.
      if (appLock.isOn) return this.lockApp();
      openSession.storage = placeOf(openSession.storage);
      // The lease runs on: who does not sign in again loses the keys as anybody does who is out of contact.
      openSession.lease?.start(undefined, (end) => contact.leaseEnded(end));
    })();
  }

  /** At a start. */
  async showLocked(vault: Vault, userId: string, message: string, lease: Lease): Promise<void> {
    const { state, contact, wipeGuard, appLock, ending } = this.#parts;
    state.show({ kind: "locked", userId, message });
    await wipeGuard.learn(vault);
    await ending.close();
    wipeGuard.watch(true);
    lease.start(undefined, (end) => contact.leaseEnded(end));
    appLock.start();
  }

  // -- the app lock ------------------------------------------------------------------------------------------------

  /** In the middle of work. What is stored stays as it is, under the lock. */
  lockApp(): void {
    const { openSession, state, environment, appLock, ending, starting } = this.#parts;
    const { kind } = state.current.phase;
    if (!appLock.isOn || !openSession.storage || openSession.disposed || kind === "app_locked") return;
    openSession.cutShort();
    appLock.show();
    const before = openSession.closing;
    openSession.closing = (async () => {
      await before;
      // What moves is not closed half-way; it stops at its next step.
      await openSession.moving;
      await this.beforeClosing();
      await ending.close();
      // A sign-out or a wipe may come before the place is looked at again: this is what it destroys.
      openSession.storage = openSession.storage && lockedForm(placeOf(openSession.storage));
    })();
    openSession
      .exclusive(() => starting.openStored(openSession.signal))
      .catch((error: unknown) => environment.log("info", "locking was cut short", error));
  }

  /** @param open with the passphrase, or what a passkey gave */
  async unlockApp(open: (lock: AppLock) => Promise<SessionStorage>): Promise<void> {
    const { openSession, state, appLock, starting } = this.#parts;
    if (state.current.phase.kind !== "app_locked") return;
    const { signal } = openSession;
    const opened = await open(appLock);
    signal.throwIfAborted();
    openSession.storage = opened;
    state.show({ kind: "starting" });
    await starting.openUnlocked(opened, signal);
  }

  /** Shows the lock page, and sees to it that the lease goes on meanwhile, and that a wipe is heard of. */
  async stayLocked(signal: AbortSignal): Promise<void> {
    const { openSession, environment, contact, wipeGuard, appLock } = this.#parts;
    const before = openSession.lease;
    wipeGuard.learnAtLock(appLock.wipe);
    wipeGuard.watch(true);
    appLock.show();
    openSession.lease = undefined;
    if (!appLock.lease) return;
    const kept = {
      lease: () => Promise.resolve(appLock.lease),
      save: ({ lease }: { readonly lease: LeaseRecord }) => appLock.noteLease(lease),
    };
    const lease = (openSession.lease = await Lease.open(kept, environment, before));
    await lease.save();
    if (await lease.isOver(signal)) return contact.destroyLapsed();
    lease.start(undefined, () => {
      lease.stop();
      openSession
        .exclusive(async () => {
          if (openSession.lease === lease) await contact.destroyLapsed();
        })
        .catch((error: unknown) => environment.log("info", "the end of the lease was cut short", error));
    });
  }

  /** What a session that goes on later must not lose: what it was just told to send, and by what a wipe is judged. */
  async beforeClosing(): Promise<void> {
    const { openSession, environment, wipeGuard } = this.#parts;
    await within(environment.clock, COMMANDS_MS, openSession.workspaceUse.idle()).catch((error: unknown) =>
      environment.log("info", "a command did not end before the session was closed", error),
    );
    await wipeGuard.tryToLearn(openSession.vault);
  }
}
