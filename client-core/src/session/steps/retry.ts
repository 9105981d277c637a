/** How long to wait before asking again whether the server is there, growing. */
const RETRY_MS = [1_000, 2_000, 4_000, 8_000, 15_000];

/** The one thing that waits for the server to be there. */
export class Retry {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #times = 0;

  /** Takes the place of what waited before. @param growing whether each time since `worked` waits longer than the last */
  later(work: () => void, growing: boolean): void {
    clearTimeout(this.#timer);
    const times = growing ? this.#times++ : 0;
    this.#timer = setTimeout(work, RETRY_MS[Math.min(times, RETRY_MS.length - 1)]);
  }

  worked(): void {
    this.#times = 0;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
