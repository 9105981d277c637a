import { moult } from "../moult.ts";
import { dropHalf, keepHalf } from "../onlineUnlock/serverHalf.ts";
import { dividedSuccessor, isDivided, placeOf, wholeSuccessor } from "../storage/dividedStorage.ts";
import { newRootKey } from "../storage/rootKey.ts";
import type { SessionStorage } from "../storage/storage.ts";
import { Vault } from "../vault.ts";
import type { Parts } from "./parts.ts";

/** Moves what is stored to another place, under another root key: a moult, or one that is divided from now on, or whole. */
export class Moving {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  canMoult(vault: Vault | undefined): vault is Vault {
    const { storage } = this.#parts.held;
    return vault?.account?.cryptoMade === true && !vault.join && storage?.successor !== undefined;
  }

  /** Between two commands: those that come meanwhile wait. The page goes on showing what it showed. */
  async moultWhenIdle(
    prepare: (storage: SessionStorage, vault: Vault) => Promise<SessionStorage> = (storage) =>
      Promise.resolve(storage),
  ): Promise<void> {
    const { held, views, goingOn } = this.#parts;
    const goOn = await held.workspaceUse.pause();
    try {
      await held.exclusive(async () => {
        const { storage, vault } = held;
        if (!held.workspace || !storage || !this.canMoult(vault)) return;
        const openRooms = views.openRooms();
        const from = await prepare(storage, vault);
        if (!(await this.moult(held.signal, from))) return;
        await goingOn.goOnOrRetry();
        for (const roomId of openRooms) await held.workspace?.run("room.open", { roomId });
      });
    } finally {
      goOn();
    }
  }

  /**
   * Closes the session, moults, and opens what is stored: the new place, or the old one if that failed.
   * @param signal of the turn that this is part of
   * @param from the stored session in another form, which says where it moves
   * @returns whether it is open again
   */
  async moult(signal: AbortSignal, from?: SessionStorage): Promise<boolean> {
    signal.throwIfAborted();
    const moved = this.#moveAndOpen(signal, from);
    this.#parts.held.moving = moved.catch(() => {});
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
    const { environment, held, moulting, contact, ending } = this.#parts;
    const { storage, vault } = held;
    if (!storage || !vault) throw held.notReady();
    const record = await moulting.record(vault);
    await ending.close("keep views");
    try {
      const noted = { ...record, at: environment.clock.now(), pruned: false };
      held.storage = await moult(from ?? storage, noted, signal, environment);
    } catch (error) {
      if (!signal.aborted) environment.log("warn", "the store could not be moulted", error);
    }
    const opened = await Vault.open(held.storage ?? storage);
    if (opened === "lost") throw new Error("the session could not be opened after a moult");
    held.vault = opened;
    held.lease = await contact.openLease(opened);
  }

  /** The policy wants it: a half for the server first, then a place whose root key needs it. */
  async divideRootKey(): Promise<void> {
    const { held } = this.#parts;
    const { account } = held.vault ?? {};
    if (!account) throw held.notReady();
    const half = newRootKey();
    await held.vault?.save({ "server-half": true });
    // While commands still run: none of them has to wait for the network.
    await keepHalf(held.liveNow().request, account, half);
    await this.moultWhenIdle(async (storage, vault) => {
      const [now, tokens] = [vault.account, await vault.tokens()];
      if (now?.deviceId !== account.deviceId || !tokens) throw held.notReady();
      return {
        ...storage,
        successor: () => dividedSuccessor(storage, half, { account: now, tokens }),
      };
    });
  }

  /** The policy does not want it any more: a place whose root key is whole. `dropUnneededHalf` then empties the server's. */
  async joinRootKey(): Promise<void> {
    const { held } = this.#parts;
    await held.vault?.save({ "server-half": true });
    await this.moultWhenIdle((storage) => {
      const place = placeOf(storage);
      if (!place.successor) throw held.notReady();
      return Promise.resolve({ ...storage, successor: () => wholeSuccessor(place) });
    });
  }

  /** What a conversion has left with the server, now or long ago. */
  async dropUnneededHalf(): Promise<void> {
    const { held } = this.#parts;
    const { vault } = held;
    if (!vault?.account || isDivided(held.storage) || !(await vault.hasServerHalf())) return;
    await dropHalf(held.liveNow().request, vault.account);
    await vault.save({ "server-half": null });
  }
}
