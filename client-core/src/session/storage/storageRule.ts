import type { SessionView } from "../../contract/index.ts";
import type { PublishedViews } from "../views.ts";

export const STORAGE_NOT_ALLOWED =
  "Your team allows only browsers that can forget for sure, and this one can’t: it keeps traces of deleted data in its files. Hearth has removed its keys from it. Sign in with Chrome, Edge or another Chromium browser.";

/** Whether the org's policy refuses a device that stores in this way. */
export function refusesStorage(wanted: string | undefined, storage: SessionView["storage"]): boolean {
  return wanted === "own" && storage === "shared";
}

/** Watches what the policy says of devices that can't forget for sure. */
export class StorageRule {
  readonly #views: PublishedViews;
  readonly #refuse: () => void;
  #stopListening = () => {};

  /** @param refuse signs this device out and destroys what it stores */
  constructor(views: PublishedViews, refuse: () => void) {
    this.#views = views;
    this.#refuse = refuse;
  }

  start(): void {
    this.stop();
    this.#stopListening = this.#views.subscribe("org", () => this.#look());
    this.#look();
  }

  stop(): void {
    this.#stopListening();
  }

  #look(): void {
    const wanted = this.#views.get("org")?.policy?.device_storage;
    if (!refusesStorage(wanted, this.#views.session.storage)) return;
    this.stop();
    this.#refuse();
  }
}
