import { durationMs } from "@hearth/protocol";
import type { Log } from "../api.ts";
import { NEVER_ROTATED, isDueAtStart, waitBeforeRotation } from "./due.ts";
import type { RotationRecord } from "./due.ts";
import type { Vault } from "../vault.ts";
import type { PublishedViews } from "../views.ts";

/** One that failed (a full disk, say) is tried again after this, so that it doesn't interrupt the work all the time. */
const RETRY_MS = 600_000;
/** A timer can't wait longer. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

type Notes = Pick<Vault, "rotation" | "save">;

export type RotationHost = {
  readonly vault: () => Notes | undefined;
  readonly views: PublishedViews;
  readonly now: () => number;
  readonly log: Log;
  /** Rotates the storage of a session that is running, and goes on with it. */
  readonly rotate: () => Promise<void>;
};

/** When the session rotates its storage: what asks for it is written down first, so that a start finds what a kill left undone. */
export class Rotation {
  readonly #host: RotationHost;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopListening = () => {};
  #noting: Promise<void> = Promise.resolve();
  #running = false;
  /** When a storage rotation was last begun. */
  #triedAt = 0;

  constructor(host: RotationHost) {
    this.#host = host;
  }

  async record(vault: Notes): Promise<RotationRecord> {
    return (await vault.rotation()) ?? NEVER_ROTATED;
  }

  async isDueAtStart(vault: Notes): Promise<boolean> {
    const now = this.#host.now();
    const due = isDueAtStart(await this.record(vault), now);
    if (due) this.#triedAt = now;
    return due;
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

  /** Resolves when what was to be noted is noted: the next start goes by it. */
  noted(): Promise<void> {
    return this.#noting;
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
  #note(change: Partial<RotationRecord>): Promise<void> {
    const noted = this.#noting.then(async () => {
      const vault = this.#host.vault();
      if (!vault) return;
      const before = await this.record(vault);
      const record = { ...before, ...change };
      if (JSON.stringify(record) !== JSON.stringify(before)) await vault.save({ rotation: record });
      this.#schedule(record);
    });
    this.#noting = noted.catch(() => {});
    return noted;
  }

  #schedule(record: RotationRecord): void {
    clearTimeout(this.#timer);
    const now = this.#host.now();
    const due = waitBeforeRotation(record, now);
    if (!this.#running || due === undefined) return;
    const wait = record.at < this.#triedAt ? Math.max(due, this.#triedAt + RETRY_MS - now) : due;
    this.#timer = setTimeout(
      () => {
        if (wait > LONGEST_TIMER_MS) return this.#schedule(record);
        this.#triedAt = this.#host.now();
        this.#inBackground(this.#host.rotate());
      },
      Math.min(wait, LONGEST_TIMER_MS),
    );
  }

  #inBackground(work: Promise<void>): void {
    work.catch((error: unknown) => {
      // Closing the session takes the records away from whoever was noting.
      if (this.#running) this.#host.log("warn", "storage rotation failed", error);
    });
  }
}
