/** What many use at the same time, and one now and then needs for itself. */
export class Use {
  #running = 0;
  #idle: (() => void)[] = [];
  #paused: Promise<void> | undefined;

  /** Does the work now, or when a pause is over. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    while (this.#paused) await this.#paused;
    this.#running += 1;
    try {
      return await work();
    } finally {
      this.#running -= 1;
      if (this.#running === 0) for (const tell of this.#idle.splice(0)) tell();
    }
  }

  /** Resolves when nothing runs, however many wait for the end of a pause. */
  async idle(): Promise<void> {
    while (this.#running > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /** Waits for a moment when nothing runs, which nobody has to wait for; then others wait until the given function is called. */
  async pause(): Promise<() => void> {
    while (this.#running > 0 || this.#paused)
      await (this.#paused ?? new Promise<void>((resolve) => this.#idle.push(resolve)));
    let goOn = () => {};
    this.#paused = new Promise((resolve) => {
      goOn = () => {
        this.#paused = undefined;
        resolve();
      };
    });
    return goOn;
  }
}
