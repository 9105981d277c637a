import { Refusal, STORAGE_REFUSED, STORAGE_UNREADABLE, isQuotaError } from "../failures.ts";
import type { Lease } from "../lease.ts";
import { destroySession } from "../signOut.ts";
import { SealedHeader } from "../storage/sealedHeader.ts";
import { StorageRefused } from "../storage/storage.ts";
import type { SessionStorage } from "../storage/storage.ts";
import { Vault } from "../vault.ts";
import type { Parts } from "./parts.ts";

const LOST =
  "This browser threw away the keys that Hearth stored in it, so this device can no longer read anything. Sign in again with your recovery key: it then counts as a new device.";

/** From what is stored to the phase that it leads to: what is locked stays so, what is open goes on. */
export class Starting {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** @param signal of the turn that this is part of */
  async openStored(signal: AbortSignal): Promise<void> {
    const { openSession, state, appLock, environment } = this.#parts;
    let storage: SessionStorage | undefined;
    let isLocked: boolean;
    try {
      const found = await environment.storage.find();
      // Whoever cut in may have destroyed meanwhile what was found.
      signal.throwIfAborted();
      openSession.storage = storage = found;
      if (!storage) {
        appLock.forget();
        return this.#parts.ending.signedOut();
      }
      state.patch({ storage: storage.kind });
      isLocked = await appLock.find(storage, signal);
    } catch (error) {
      signal.throwIfAborted();
      return this.storageProblem(error);
    }
    if (isLocked) await this.#parts.locking.stayLocked(signal);
    else await this.openUnlocked(storage, signal);
  }

  /** @param place its root key is in the clear now: all of it, or the device's half */
  async openUnlocked(place: SessionStorage, signal: AbortSignal): Promise<void> {
    try {
      const header = await SealedHeader.open(place);
      if (header) return await this.#parts.byServer.open(place, header, signal);
    } catch (error) {
      signal.throwIfAborted();
      return this.storageProblem(error);
    }
    await this.openVault(place, signal);
  }

  async openVault(storage: SessionStorage, signal: AbortSignal): Promise<void> {
    const { openSession, contact } = this.#parts;
    let vault: Vault | "lost";
    try {
      vault = await Vault.open(storage);
      if (signal.aborted && vault !== "lost") vault.close();
      // What whoever cut in has destroyed looks lost.
      signal.throwIfAborted();
      if (vault === "lost") return await this.forgetLost(storage);
      openSession.vault = vault;
      this.#tellOfUnreadable(vault);
      openSession.lease = await contact.openLease(vault);
    } catch (error) {
      signal.throwIfAborted();
      return this.storageProblem(error);
    }
    this.publishWho();
    await this.goOnFrom(vault, openSession.lease, signal);
  }

  /** What this version can't read of what is stored stays as it is, and its person is told. */
  #tellOfUnreadable(vault: Vault): void {
    const { state, environment } = this.#parts;
    const labels = new Set<string>();
    vault.records.onUnreadable(({ collection, label, reason }) => {
      environment.log("warn", `a stored record of "${collection}" can't be read: ${reason}`);
      labels.add(label ?? "Something that this version does not know");
      state.patch({ unreadableRecords: [...labels] });
    });
  }

  async goOnFrom(vault: Vault, lease: Lease, signal: AbortSignal): Promise<void> {
    const { openSession, state, contact, joining, moving } = this.#parts;
    const again = () => this.goOnFrom(vault, lease, openSession.signal);
    if (vault.account && !(await contact.isWithinLease(vault, lease, again))) return;
    const { account, join } = vault;
    if (account?.locked !== undefined) {
      await this.#parts.locking.showLocked(vault, account.userId, account.locked, lease);
    } else if (join) {
      state.show({ kind: "joining" });
      joining.show(join, {});
      openSession
        .exclusive(() => joining.resume())
        .catch((error: unknown) => this.#parts.environment.log("info", "a join could not go on", error));
    } else if (account) {
      const due = moving.canRotate(vault) && (await this.#parts.rotation.isDueAtStart(vault));
      if (!due || (await moving.rotate(signal))) await this.#parts.goingOn.goOnOrRetry();
    } else {
      // Left by a sign-in that did not come to its end.
      await this.#parts.ending.destroy();
      this.#parts.ending.signedOut();
    }
  }

  async newVault(): Promise<Vault> {
    const { openSession, state, environment, contact } = this.#parts;
    let storage: SessionStorage;
    let vault: Vault;
    try {
      storage = openSession.storage = await environment.storage.create();
      vault = openSession.vault = await Vault.create(storage);
      openSession.lease = undefined;
      openSession.lease = await contact.openLease(vault);
    } catch (error) {
      environment.log("warn", "storage can't be used", error);
      if (isQuotaError(error)) throw error;
      throw new Refusal("storage_unavailable", STORAGE_REFUSED);
    }
    state.patch({ storage: storage.kind });
    return vault;
  }

  async forgetLost(storage: SessionStorage): Promise<void> {
    const { openSession, appLock, wipeGuard, ending, environment } = this.#parts;
    await destroySession(environment, storage, () => Promise.resolve());
    appLock.forget();
    wipeGuard.forget();
    openSession.storage = undefined;
    openSession.lease = undefined;
    ending.signedOut(LOST);
  }

  storageProblem(error: unknown): void {
    this.#parts.environment.log("warn", "storage can't be used", error);
    const message = error instanceof StorageRefused ? STORAGE_REFUSED : STORAGE_UNREADABLE;
    this.#parts.state.show({ kind: "storage_problem", message });
  }

  publishWho(): void {
    const { openSession, state } = this.#parts;
    const { account } = openSession.vault ?? {};
    if (account) state.patch({ userId: account.userId, deviceId: account.deviceId });
  }
}
