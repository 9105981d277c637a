import { isLaterVersion } from "@hearth/protocol";
import { Backoff, untilItWorks, type Pause } from "../../work/retry.ts";

/** Nobody waits for the answer, and the request can be read meanwhile. */
const ASK_AGAIN_MS = [2_000, 10_000, 60_000, 600_000];

export type ServedBuildDeps = {
  /** Asks our origin which version it serves; undefined when it does not say. @throws HttpFailure */
  readonly ask: () => Promise<string | undefined>;
  readonly pause: Pause;
  readonly stopped: AbortSignal;
  /** It serves a newer build than this one, which was not known before. */
  readonly onNewer: () => void;
};

/**
 * Whether our origin serves a newer build of this client than the one that runs. It is asked only when something has been
 * met that a newer client wrote, once for each such thing: then alone it matters, because reloading would help. [L15]
 */
export class ServedBuild {
  readonly #deps: ServedBuildDeps;
  readonly #met = new Set<string>();
  #isNewer = false;
  #isAsking = false;
  /** Something was met after the question that is under way was asked. */
  #again = false;

  constructor(deps: ServedBuildDeps) {
    this.#deps = deps;
  }

  get isNewer(): boolean {
    return this.#isNewer;
  }

  /**
   * @param things what newer clients wrote, each by a name of its own
   * @throws what failed for good
   */
  async met(things: Iterable<string>): Promise<void> {
    const before = this.#met.size;
    for (const thing of things) this.#met.add(thing);
    if (this.#met.size === before || this.#isNewer) return;
    this.#again = true;
    if (this.#isAsking) return;
    this.#isAsking = true;
    try {
      while (this.#again && !this.#isNewer) await this.#ask();
    } finally {
      this.#isAsking = false;
    }
  }

  async #ask(): Promise<void> {
    const { ask, pause, stopped, onNewer } = this.#deps;
    this.#again = false;
    const backoff = new Backoff(ASK_AGAIN_MS);
    const wait: Pause = (atLeastMs = 0) => pause(Math.max(atLeastMs, backoff.failed()));
    const served = await untilItWorks(ask, wait, stopped);
    if (stopped.aborted || !isLaterVersion(served)) return;
    this.#isNewer = true;
    onNewer();
  }
}
