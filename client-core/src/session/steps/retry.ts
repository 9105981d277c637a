import type { Clock } from "../../work/clock.ts";
import { Backoff, Later } from "../../work/retry.ts";

/** How long to wait before asking again whether the server is there, growing. */
const RETRY_MS = [1_000, 2_000, 4_000, 8_000, 15_000] as const;

/** The one thing that waits for the server to be there. */
export class Retry {
  readonly #later: Later;
  readonly #backoff = new Backoff(RETRY_MS);

  constructor(clock: Clock) {
    this.#later = new Later(clock);
  }

  /** Takes the place of what waited before. @param growing whether each time since `worked` waits longer than the last */
  later(work: () => void, growing: boolean): void {
    this.#later.in(growing ? this.#backoff.failed() : RETRY_MS[0], work);
  }

  worked(): void {
    this.#backoff.worked();
  }

  stop(): void {
    this.#later.stop();
  }
}
