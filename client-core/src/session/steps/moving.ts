import { rotate } from "../rotation/rotate.ts";
import { dropHalf, keepHalf } from "../onlineUnlock/serverHalf.ts";
import { dividedSuccessor, isDivided, placeOf, wholeSuccessor } from "../storage/dividedStorage.ts";
import { newRootKey } from "../storage/rootKey.ts";
import type { SessionStorage } from "../storage/storage.ts";
import { Vault } from "../vault.ts";
import type { Parts } from "./parts.ts";

/** Moves what is stored to another place, under another root key: a storage rotation, or one that is divided from now on, or whole. */
export class Moving {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  canRotate(vault: Vault | undefined): vault is Vault {
    const { storage } = this.#parts.openSession;
    return vault?.account?.cryptoMade === true && !vault.join && storage?.successor !== undefined;
  }

  /** Between two commands: those that come meanwhile wait. The page goes on showing what it showed. */
  async rotateWhenIdle(
    prepare: (storage: SessionStorage, vault: Vault) => Promise<SessionStorage> = (storage) =>
      Promise.resolve(storage),
  ): Promise<void> {
    const { openSession, goingOn } = this.#parts;
    const goOn = await openSession.workspaceUse.pause();
    try {
      await openSession.exclusive(async () => {
        const { storage, vault } = openSession;
        if (!openSession.workspace || !storage || !this.canRotate(vault)) return;
        const openRooms = openSession.workspace.openRooms();
        const from = await prepare(storage, vault);
        if (!(await this.rotate(openSession.signal, from))) return;
        await goingOn.goOnOrRetry();
        for (const roomId of openRooms) await openSession.workspace?.run("room.open", { roomId });
      });
    } finally {
      goOn();
    }
  }

  /**
   * Closes the session, rotates its storage, and opens what is stored: the new place, or the old one if that failed.
   * @param signal of the turn that this is part of
   * @param from the stored session in another form, which says where it moves
   * @returns whether it is open again
   */
  async rotate(signal: AbortSignal, from?: SessionStorage): Promise<boolean> {
    signal.throwIfAborted();
    const moved = this.#moveAndOpen(signal, from);
    this.#parts.openSession.moving = moved.catch(() => {});
    try {
      await moved;
    } catch (error) {
      this.#parts.starting.storageProblem(error);
      return false;
    }
    // Whoever cut in takes over from here: nothing may be opened that they are about to destroy.
    signal.throwIfAborted();
    return true;
  }

  async #moveAndOpen(signal: AbortSignal, from?: SessionStorage): Promise<void> {
    const { environment, openSession, rotation, contact, ending } = this.#parts;
    const { storage, vault } = openSession;
    if (!storage || !vault) throw openSession.notReady();
    const record = await rotation.record(vault);
    await ending.close("keep views");
    try {
      const noted = { ...record, at: environment.clock.now(), pruned: false };
      openSession.storage = await rotate(from ?? storage, noted, signal, environment);
    } catch (error) {
      if (!signal.aborted) environment.log("warn", "the store could not be rotated", error);
    }
    const opened = await Vault.open(openSession.storage ?? storage);
    if (opened === "lost") throw new Error("the session could not be opened after a storage rotation");
    openSession.vault = opened;
    openSession.lease = await contact.openLease(opened);
  }

  /** The policy wants it: a half for the server first, then a place whose root key needs it. */
  async divideRootKey(): Promise<void> {
    const { openSession } = this.#parts;
    const { account } = openSession.vault ?? {};
    if (!account) throw openSession.notReady();
    const half = newRootKey();
    await openSession.vault?.save({ "server-half": true });
    // While commands still run: none of them has to wait for the network.
    await keepHalf(openSession.liveNow().request, account, half);
    await this.rotateWhenIdle(async (storage, vault) => {
      const [now, tokens] = [vault.account, await vault.tokens()];
      if (now?.deviceId !== account.deviceId || !tokens) throw openSession.notReady();
      return {
        ...storage,
        successor: () => dividedSuccessor(storage, half, { account: now, tokens }),
      };
    });
  }

  /** The policy does not want it any more: a place whose root key is whole. `dropUnneededHalf` then empties the server's. */
  async joinRootKey(): Promise<void> {
    const { openSession } = this.#parts;
    await openSession.vault?.save({ "server-half": true });
    await this.rotateWhenIdle((storage) => {
      const place = placeOf(storage);
      if (!place.successor) throw openSession.notReady();
      return Promise.resolve({ ...storage, successor: () => wholeSuccessor(place) });
    });
  }

  /** What a conversion has left with the server, now or long ago. */
  async dropUnneededHalf(): Promise<void> {
    const { openSession } = this.#parts;
    const { vault } = openSession;
    if (!vault?.account || isDivided(openSession.storage) || !(await vault.hasServerHalf())) return;
    await dropHalf(openSession.liveNow().request, vault.account);
    await vault.save({ "server-half": null });
  }
}
