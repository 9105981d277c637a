import { durationMs } from "@hearth/protocol";
import type { Log } from "./api.ts";
import { NEVER_MOULTED, isDueAtStart, waitBeforeMoult } from "./moultDue.ts";
import type { MoultRecord } from "./moultDue.ts";
import type { Vault } from "./vault.ts";
import type { PublishedViews } from "./views.ts";

/** A timer can't wait longer. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export type MoultingHost = {
  readonly vault: () => Vault | undefined;
  readonly views: PublishedViews;
  readonly now: () => number;
  readonly log: Log;
  /** Moults a session that is running, and goes on with it. */
  readonly moult: () => Promise<void>;
};

/** When the session moults: what asks for it is written down first, so that a start finds what a kill left undone. */
export class Moulting {
  readonly #host: MoultingHost;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopListening = () => {};
  #noting: Promise<void> = Promise.resolve();
  #running = false;

  constructor(host: MoultingHost) {
    this.#host = host;
  }

  async record(vault: Vault): Promise<MoultRecord> {
    return (await vault.moult()) ?? NEVER_MOULTED;
  }

  async isDueAtStart(vault: Vault): Promise<boolean> {
    return isDueAtStart(await this.record(vault), this.#host.now());
  }

  /** For a session that runs now, until `stop`. */
  start(): void {
    if (this.#running) return;
    this.#running = true;
    const look = () => this.#inBackground(this.#noteBlock());
    this.#stopListening = this.#host.views.subscribe("org", look);
    look();
  }

  stop(): void {
    this.#running = false;
    clearTimeout(this.#timer);
    this.#stopListening();
  }

  afterPrune(): void {
    this.#inBackground(this.#note({ pruned: true }));
  }

  async #noteBlock(): Promise<void> {
    const block = this.#host.views.get("org")?.policy?.key_block;
    const blockMs = block === undefined ? undefined : durationMs(block);
    await this.#note(blockMs === undefined ? {} : { blockMs });
  }

  /** One note after the other, so that none writes over what another just noted. */
  #note(change: Partial<MoultRecord>): Promise<void> {
    const noted = this.#noting.then(async () => {
      const vault = this.#host.vault();
      if (!vault) return;
      const before = await this.record(vault);
      const record = { ...before, ...change };
      if (JSON.stringify(record) !== JSON.stringify(before)) await vault.save({ moult: record });
      this.#schedule(record);
    });
    this.#noting = noted.catch(() => {});
    return noted;
  }

  #schedule(record: MoultRecord): void {
    clearTimeout(this.#timer);
    const wait = waitBeforeMoult(record, this.#host.now());
    if (!this.#running || wait === undefined) return;
    this.#timer = setTimeout(
      () => {
        if (wait > LONGEST_TIMER_MS) this.#schedule(record);
        else this.#inBackground(this.#host.moult());
      },
      Math.min(wait, LONGEST_TIMER_MS),
    );
  }

  #inBackground(work: Promise<void>): void {
    work.catch((error: unknown) => {
      // Closing the session takes the records away from whoever was noting.
      if (this.#running) this.#host.log("warn", "moulting failed", error);
    });
  }
}
