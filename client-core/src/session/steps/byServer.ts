import { Lease } from "../lease.ts";
import { askAtDoor, atDoor } from "../onlineUnlock/atDoor.ts";
import { divided } from "../storage/dividedStorage.ts";
import type { Door } from "../storage/door.ts";
import type { SessionStorage } from "../storage/storage.ts";
import type { Parts } from "./parts.ts";

/** Opens a session of whose root key the server has a half, which it gives to a live token alone. */
export class ByServer {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Nothing is opened or shown before. */
  async open(place: SessionStorage, door: Door, signal: AbortSignal): Promise<void> {
    const { environment, held, views, contact, wipeGuard, appLock, retry } = this.#parts;
    held.storage = place;
    const kept = atDoor(door);
    const lease = (held.lease = await Lease.open(kept, environment, held.lease));
    const { userId, deviceId } = kept.account;
    views.patchSession({ userId, deviceId });
    wipeGuard.learnAtDoor(door);
    const again = () => this.open(place, door, held.signal);
    if (!(await contact.isWithinLease(kept, lease, again))) return;
    const { locked } = kept.account;
    const [asked] = await Promise.all([
      locked ?? askAtDoor(environment, kept, signal),
      // Who is wiped is cut short here. Where somebody is locked, the watch asks, and signing in again does.
      locked === undefined && wipeGuard.isWiped(signal),
    ]);
    signal.throwIfAborted();
    if (typeof asked === "object") {
      retry.worked();
      const storage = divided(place, asked.half, door);
      held.storage = storage;
      return this.#parts.starting.openVault(storage, signal);
    }
    // It may be that an admin wiped this device, and that no token and no half are left to tell it by.
    wipeGuard.watch(true);
    lease.start(undefined, (end) => contact.leaseEnded(end));
    if (kept.account.locked !== undefined) {
      views.show({ kind: "locked", userId, message: kept.account.locked });
      return appLock.start();
    }
    views.show({ kind: "no_start", message: asked });
    appLock.start();
    contact.tryAgain(again, true);
  }
}
