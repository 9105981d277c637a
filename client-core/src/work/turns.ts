/**
 * Work that is done one piece after the other, and can be cut short. What a piece throws is whose piece it was to hear;
 * the next one has its turn all the same.
 */
export class Turns {
  #queue: Promise<unknown> = Promise.resolve();
  #running = new AbortController();

  /** Aborted when what runs now is cut short. */
  get signal(): AbortSignal {
    return this.#running.signal;
  }

  /**
   * Rejects with an AbortError when cut short, whatever the work still waits for.
   * @param work gets what is aborted then
   */
  take<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const result = this.#queue.then(() => {
      const { signal } = this.#running;
      return unlessAborted(work(signal), signal);
    });
    this.#queue = result.catch(() => {});
    return result;
  }

  /** Resolves when all that was taken up to now has ended, well or not. */
  async ended(): Promise<void> {
    await this.#queue;
  }

  cutShort(): void {
    this.#running.abort(new DOMException("cut short", "AbortError"));
    this.#running = new AbortController();
  }
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
