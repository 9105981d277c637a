import { durationMs } from "@hearth/protocol";
import type { Log } from "../api.ts";
import { NEVER_ROTATED, isDueAtStart, waitBeforeRotation } from "./due.ts";
import type { RotationRecord } from "./due.ts";
import type { Vault } from "../vault.ts";
import type { FromWorkspace } from "../fromWorkspace.ts";
import { LONGEST_WAIT_MS } from "../../work/clock.ts";
import type { Clock } from "../../work/clock.ts";
import { Later } from "../../work/retry.ts";
import { Turns } from "../../work/turns.ts";

/** One that failed (a full disk, say) is tried again after this, so that it doesn't interrupt the work all the time. */
const RETRY_MS = 600_000;

type Notes = Pick<Vault, "rotation" | "save">;

export type RotationHost = {
  readonly vault: () => Notes | undefined;
  readonly told: Pick<FromWorkspace, "policy" | "onPolicy">;
  readonly clock: Clock;
  readonly log: Log;
  /** Rotates the storage of a session that is running, and goes on with it. */
  readonly rotate: () => Promise<void>;
};

/** When the session rotates its storage: what asks for it is written down first, so that a start finds what a kill left undone. */
export class Rotation {
  readonly #host: RotationHost;
  readonly #due: Later;
  #stopListening = () => {};
  /** One note after the other, so that none writes over what another just noted. */
  readonly #notes = new Turns();
  #running = false;
  /** When a storage rotation was last begun. */
  #triedAt = 0;

  constructor(host: RotationHost) {
    this.#host = host;
    this.#due = new Later(host.clock);
  }

  async record(vault: Notes): Promise<RotationRecord> {
    return (await vault.rotation()) ?? NEVER_ROTATED;
  }

  async isDueAtStart(vault: Notes): Promise<boolean> {
    const now = this.#host.clock.now();
    const due = isDueAtStart(await this.record(vault), now);
    if (due) this.#triedAt = now;
    return due;
  }

  /** For a session that runs now, until `stop`. */
  start(): void {
    if (this.#running) return;
    this.#running = true;
    const look = () => this.#inBackground(this.#noteBlock());
    this.#stopListening = this.#host.told.onPolicy(look);
    look();
  }

  stop(): void {
    this.#running = false;
    this.#due.stop();
    this.#stopListening();
  }

  /** Resolves when what was to be noted is noted: the next start goes by it. */
  noted(): Promise<void> {
    return this.#notes.ended();
  }

  afterPrune(): void {
    this.#inBackground(this.#note({ pruned: true }));
  }

  async #noteBlock(): Promise<void> {
    const block = this.#host.told.policy?.key_block;
    const blockMs = block === undefined ? undefined : durationMs(block);
    await this.#note(blockMs === undefined ? {} : { blockMs });
  }

  #note(change: Partial<RotationRecord>): Promise<void> {
    return this.#notes.take(async () => {
      const vault = this.#host.vault();
      if (!vault) return;
      const before = await this.record(vault);
      const record = { ...before, ...change };
      if (JSON.stringify(record) !== JSON.stringify(before)) await vault.save({ rotation: record });
      this.#schedule(record);
    });
  }

  #schedule(record: RotationRecord): void {
    this.#due.stop();
    const now = this.#host.clock.now();
    const due = waitBeforeRotation(record, now);
    if (!this.#running || due === undefined) return;
    const wait = record.at < this.#triedAt ? Math.max(due, this.#triedAt + RETRY_MS - now) : due;
    this.#due.in(Math.min(wait, LONGEST_WAIT_MS), () => {
      if (wait > LONGEST_WAIT_MS) return this.#schedule(record);
      this.#triedAt = this.#host.clock.now();
      this.#inBackground(this.#host.rotate());
    });
  }

  #inBackground(work: Promise<void>): void {
    work.catch((error: unknown) => {
      // Closing the session takes the records away from whoever was noting.
      if (this.#running) this.#host.log("warn", "storage rotation failed", error);
    });
  }
}
