import type { Clock } from "../work/clock.ts";
import { afterRunning } from "../work/runningTime.ts";
import { StorageRefused } from "./storage/storage.ts";

/** Keeps two tabs of a browser from opening the same store, where each would spoil the other's keys. */
export interface TabLock {
  /** Waits for a page that is just reloading. False when somebody else lives and holds it. */
  acquire(): Promise<boolean>;
  /** Asks the holder to stop cleanly, then waits for it. False when it does not answer. */
  takeOver(): Promise<boolean>;
  release(): void;
}

const NAME = "hearth-client";
/** Another name than that for taking over: pages of earlier releases leave, whatever they hear there. */
const HOLDER = "hearth-client-holder";
/** How long an old page's worker takes to go away after a reload, as a rule. Then its holder is asked for a word. */
const RELOAD_WAIT_MS = 2_000;
/** Who says nothing is on the way out: a browser lets a worker that is busy live on for two seconds, or longer. */
const LONGEST_RELOAD_MS = 10_000;
const TAKE_OVER_WAIT_MS = 10_000;

/**
 * A lock of the browser, held for the worker's life; it goes with the worker however that ends.
 * @param onAskedToLeave must stop using the store; the lock is given up when it resolves
 */
export function browserTabLock(onAskedToLeave: () => Promise<void>, clock: Clock): TabLock {
  let release: (() => void) | undefined;
  const channel = new BroadcastChannel(NAME);
  channel.addEventListener("message", () => {
    if (!release) return;
    const held = release;
    void onAskedToLeave().finally(() => {
      held();
      release = undefined;
    });
  });

  let hearsHolder = () => {};
  const holder = new BroadcastChannel(HOLDER);
  holder.addEventListener("message", ({ data }) => {
    if (data === "held") hearsHolder();
    else if (release) holder.postMessage("held");
  });

  const acquire = (signal: AbortSignal) =>
    new Promise<boolean>((resolve, reject) => {
      if (release) return resolve(true);
      const held = new Promise<void>((letGo) => {
        navigator.locks
          .request(NAME, { signal }, () => {
            release = letGo;
            resolve(true);
            return held;
          })
          .catch((error: unknown) => {
            const name = error instanceof DOMException ? error.name : "";
            if (name === "AbortError") resolve(false);
            // A browser that is told to let no site store anything gives out no locks either.
            else reject(name === "SecurityError" ? new StorageRefused(error) : asError(error));
          });
      });
    });

  return {
    acquire: async () => {
      const given = new AbortController();
      hearsHolder = () => given.abort();
      const stops = [
        afterRunning(clock, RELOAD_WAIT_MS, () => holder.postMessage("who")),
        afterRunning(clock, LONGEST_RELOAD_MS, () => given.abort()),
      ];
      try {
        return await acquire(given.signal);
      } finally {
        for (const stop of stops) stop();
      }
    },
    takeOver: async () => {
      channel.postMessage("leave");
      const given = new AbortController();
      const stop = afterRunning(clock, TAKE_OVER_WAIT_MS, () => given.abort());
      try {
        return await acquire(given.signal);
      } finally {
        stop();
      }
    },
    release: () => {
      // Whoever still waits for it does so no longer.
      hearsHolder();
      release?.();
      release = undefined;
      channel.close();
      holder.close();
    },
  };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** For Node, where a client's storage is its own. */
export const noTabLock: TabLock = {
  acquire: () => Promise.resolve(true),
  takeOver: () => Promise.resolve(true),
  release: () => {},
};
