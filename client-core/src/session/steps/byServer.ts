import { Lease } from "../lease.ts";
import { askWithHeader, fromHeader } from "../onlineUnlock/fromHeader.ts";
import { divided } from "../storage/dividedStorage.ts";
import type { SealedHeader } from "../storage/sealedHeader.ts";
import type { SessionStorage } from "../storage/storage.ts";
import type { Parts } from "./parts.ts";

/** Opens a session of whose root key the server has a half, which it gives to a live token alone. */
export class ByServer {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Nothing is opened or shown before. */
  async open(place: SessionStorage, header: SealedHeader, signal: AbortSignal): Promise<void> {
    const { environment, openSession, state, contact, wipeGuard, appLock, retry } = this.#parts;
    openSession.storage = place;
    const kept = fromHeader(header);
    const lease = (openSession.lease = await Lease.open(kept, environment, openSession.lease));
    const { userId, deviceId } = kept.account;
    state.patch({ userId, deviceId });
    wipeGuard.learnFromHeader(header);
    const again = () => this.open(place, header, openSession.signal);
    if (!(await contact.isWithinLease(kept, lease, again))) return;
    const { locked } = kept.account;
    const [asked] = await Promise.all([
      locked ?? askWithHeader(environment, kept, signal),
      // Who is wiped is cut short here. Where somebody is locked, the watch asks, and signing in again does.
      locked === undefined && wipeGuard.isWiped(signal),
    ]);
    signal.throwIfAborted();
    if (typeof asked === "object") {
      retry.worked();
      const storage = divided(place, asked.half, header);
      openSession.storage = storage;
      return this.#parts.starting.openVault(storage, signal);
    }
    // It may be that an admin wiped this device, and that no token and no half are left to tell it by.
    wipeGuard.watch(true);
    lease.start(undefined, (end) => contact.leaseEnded(end));
    if (kept.account.locked !== undefined) {
      state.show({ kind: "locked", userId, message: kept.account.locked });
      return appLock.start();
    }
    state.show({ kind: "no_start", message: asked });
    appLock.start();
    contact.tryAgain(again, true);
  }
}
