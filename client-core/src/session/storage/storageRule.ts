import type { SessionView } from "../../contract/index.ts";
import type { SessionState } from "../state.ts";

export const STORAGE_NOT_ALLOWED =
  "Your team allows only browsers that can forget for sure, and this one can’t: it keeps traces of deleted data in its files. Hearth has removed its keys from it. Sign in with Chrome, Edge or another Chromium browser.";

/** Whether the org's policy refuses a device that stores in this way. */
export function refusesStorage(wanted: string | undefined, storage: SessionView["storage"]): boolean {
  return wanted === "own" && storage === "shared";
}

/** Watches what the policy says of devices that can't forget for sure. */
export class StorageRule {
  readonly #state: SessionState;
  readonly #refuse: () => void;
  #stopListening = () => {};

  /** @param refuse signs this device out and destroys what it stores */
  constructor(state: SessionState, refuse: () => void) {
    this.#state = state;
    this.#refuse = refuse;
  }

  start(): void {
    this.stop();
    this.#stopListening = this.#state.told.onPolicy(() => this.#look());
    this.#look();
  }

  stop(): void {
    this.#stopListening();
  }

  #look(): void {
    const wanted = this.#state.told.policy?.device_storage;
    if (!refusesStorage(wanted, this.#state.current.storage)) return;
    this.stop();
    this.#refuse();
  }
}
