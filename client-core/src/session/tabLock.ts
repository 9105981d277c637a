import { StorageRefused } from "./storage/storage.ts";

/** Keeps two tabs of a browser from opening the same store, where each would spoil the other's keys. */
export interface TabLock {
  /** Waits a moment for a page that is just reloading. False when somebody else goes on holding it. */
  acquire(): Promise<boolean>;
  /** Asks the holder to stop cleanly, then waits for it. False when it does not answer. */
  takeOver(): Promise<boolean>;
  release(): void;
}

const NAME = "hearth-client";
/** How long an old page's worker may take to go away after a reload. */
const RELOAD_WAIT_MS = 2_000;
const TAKE_OVER_WAIT_MS = 10_000;

/**
 * A lock of the browser, held for the worker's life; it goes with the worker however that ends.
 * @param onAskedToLeave must stop using the store; the lock is given up when it resolves
 */
export function browserTabLock(onAskedToLeave: () => Promise<void>): TabLock {
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

  const acquire = (waitMs: number) =>
    new Promise<boolean>((resolve, reject) => {
      if (release) return resolve(true);
      const held = new Promise<void>((letGo) => {
        navigator.locks
          .request(NAME, { signal: AbortSignal.timeout(waitMs) }, () => {
            release = letGo;
            resolve(true);
            return held;
          })
          .catch((error: unknown) => {
            const name = error instanceof DOMException ? error.name : "";
            if (["AbortError", "TimeoutError"].includes(name)) resolve(false);
            // A browser that is told to let no site store anything gives out no locks either.
            else reject(name === "SecurityError" ? new StorageRefused(error) : asError(error));
          });
      });
    });

  return {
    acquire: () => acquire(RELOAD_WAIT_MS),
    takeOver: () => {
      channel.postMessage("leave");
      return acquire(TAKE_OVER_WAIT_MS);
    },
    release: () => {
      release?.();
      release = undefined;
      channel.close();
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
