import { askedToWaitMs } from "./failure.ts";
import type { Pause } from "./retry.ts";

/**
 * What a step of a job came to. What it wants to be known after a restart it has written down before it says so: the next
 * step, in this run of the program or another, begins with the record alone.
 */
export type StepEnd =
  /** The next step follows, of this job or of the one after it. */
  | { readonly kind: "on" }
  /** The same again, once a pause is over; at least so long, if somebody asks for that. */
  | { readonly kind: "later"; readonly atLeastMs?: number }
  /** It needs something that is not there yet: whoever brings it calls `poke`. */
  | { readonly kind: "waits" };

/** The same step again once a failure that passes has passed: not before the server wants to be asked again. */
export function laterAfter(error: unknown, otherwiseMs?: number): StepEnd {
  const atLeastMs = askedToWaitMs(error) ?? otherwiseMs;
  return atLeastMs === undefined ? { kind: "later" } : { kind: "later", atLeastMs };
}

export type JobsDeps<Job> = {
  /** The job whose turn it is in a lane, as its record stands now; undefined when there is none. */
  readonly nextOf: (lane: string) => Job | undefined;
  readonly step: (job: Job, stopped: AbortSignal) => Promise<StepEnd>;
  readonly pause: Pause;
  /** While it is given no step begins: a session that is locked runs no job. */
  readonly stopped: AbortSignal;
  /** Hears of what a step throws. Its lane stands still until it is poked again. */
  readonly background: (run: Promise<void>) => void;
};

/**
 * Runs jobs that survive a restart, step by step: one after the other in each lane, the lanes side by side. It holds
 * nothing that is not in the records.
 */
export class Jobs<Job> {
  readonly #deps: JobsDeps<Job>;
  readonly #running = new Set<string>();

  constructor(deps: JobsDeps<Job>) {
    this.#deps = deps;
  }

  /** Something may be possible in this lane that was not. */
  poke(lane: string): void {
    if (this.#running.has(lane) || this.#deps.stopped.aborted) return;
    this.#deps.background(this.#run(lane));
  }

  async #run(lane: string): Promise<void> {
    const { nextOf, step, pause, stopped } = this.#deps;
    this.#running.add(lane);
    try {
      for (;;) {
        const job = nextOf(lane);
        if (job === undefined || stopped.aborted) return;
        const end = await step(job, stopped);
        if (end.kind === "waits" || stopped.aborted) return;
        if (end.kind === "later") await pause(end.atLeastMs);
      }
    } finally {
      this.#running.delete(lane);
    }
  }
}
