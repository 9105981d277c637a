import type { Log } from "./log.ts";

/** Takes one step after another, never two at once: whenever woken, and from time to time in case nobody does. */
export type Pump = {
  wake(): void;
  /** Lets the step that is being taken finish. */
  stop(): Promise<void>;
};

/** A lost wake-up costs at most this long. */
const POLL_MS = 10_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

/** How long to wait after so many failures in a row. */
export function pauseAfter(failures: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** Math.max(0, failures - 1), LONGEST_PAUSE_MS);
}

/**
 * Repeats work until it succeeds or is stopped.
 * @param options.worthwhile whether an error may pass; others are thrown
 * @param options.hurried resolves when the next try is wanted sooner: then it comes after the shortest pause
 * @returns undefined when stopped
 */
export async function persist<T>(
  work: () => Promise<T>,
  options: {
    log: Log;
    what: string;
    signal: AbortSignal;
    worthwhile: (error: unknown) => boolean;
    hurried?: () => Promise<void>;
  },
): Promise<T | undefined> {
  for (let failures = 1; !options.signal.aborted; failures++) {
    try {
      return await work();
    } catch (error) {
      if (!options.worthwhile(error)) throw error;
      options.log.warn(
        `${options.what}: ${error instanceof Error ? error.message : String(error)}; trying again in ${pauseAfter(failures) / 1000} s`,
      );
      const { signal } = options;
      await pause(FIRST_PAUSE_MS, signal);
      const rest = new AbortController();
      await Promise.race([
        pause(pauseAfter(failures) - FIRST_PAUSE_MS, AbortSignal.any([signal, rest.signal])),
        ...(options.hurried ? [options.hurried()] : []),
      ]);
      rest.abort();
    }
  }
  return undefined;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end);
    if (signal.aborted) end();
  });
}

export function startPump(step: () => Promise<void>, log: Log): Pump {
  const stopping = new AbortController();
  let awake = true;
  let rouse = () => {};

  /** Resolves at once where somebody has woken it since it last began to look. */
  async function woken(): Promise<void> {
    const roused = new Promise<void>((resolve) => {
      rouse = resolve;
    });
    if (awake || stopping.signal.aborted) return;
    await roused;
  }

  async function rest(): Promise<void> {
    const alarm = setTimeout(() => rouse(), POLL_MS);
    await woken();
    clearTimeout(alarm);
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      // Nothing that a step throws may end the bot: what failed is tried again, at ever longer intervals. A homeserver
      // that rings has come back: whoever asked something of the bot waits a few seconds, not half a minute.
      await persist(
        () => {
          awake = false;
          return step();
        },
        {
          log,
          what: "the homeserver's events could not be handled",
          signal: stopping.signal,
          worthwhile: () => true,
          hurried: woken,
        },
      );
      await rest();
    }
  }

  const running = run();
  return {
    wake() {
      awake = true;
      rouse();
    },
    async stop() {
      stopping.abort();
      rouse();
      await running;
    },
  };
}
