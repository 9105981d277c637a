import type { ClientPort, FromWorker, Outcome, Slice, ToWorker, Views } from "../contract/index.ts";
import { share } from "../store/share.ts";

/** What the page needs of a worker, so that a test can stand in for one. */
export type WorkerLike = {
  postMessage(message: ToWorker): void;
  addEventListener(kind: "message", listener: (event: { data: FromWorker }) => void): void;
  addEventListener(kind: "error", listener: () => void): void;
  terminate(): void;
};

const NOT_LOADED = {
  ok: false,
  code: "unexpected",
  message: "A part of Hearth could not be loaded. Check the network, then reload the page.",
} as const;
const STOPPED = {
  ok: false,
  code: "unexpected",
  message: "Hearth has stopped in this tab. Reload the page; nothing that was sent or queued is lost.",
} as const;

/**
 * The client's port on the page: the newest snapshot of each slice is at hand at once, and commands travel to the
 * worker.
 * @param worker just made with host/worker.ts; belongs to the port from now on
 * @param origin where `/_matrix` answers
 */
export function createWorkerClient(worker: WorkerLike, origin: string): ClientPort {
  const received = new Map<Slice, Views[Slice]>();
  const listeners = new Map<Slice, Set<() => void>>();
  const calls = new Map<number, (outcome: Outcome<never>) => void>();
  let lastCall = 0;
  let broken = false;
  let disposed = false;
  let onDisposed = () => {};

  worker.addEventListener("message", ({ data }) => {
    switch (data.kind) {
      case "view":
        if (data.value === undefined) received.delete(data.slice);
        // A message is a copy: what has not changed in it is what the page has already, and need not be drawn again.
        else received.set(data.slice, share(received.get(data.slice), data.value));
        for (const listener of listeners.get(data.slice) ?? []) listener();
        break;
      case "answer":
        calls.get(data.call)?.(data.outcome as Outcome<never>);
        calls.delete(data.call);
        break;
      case "disposed":
        onDisposed();
        break;
    }
  });
  worker.addEventListener("error", () => {
    // Before the first view: the worker's script could not be loaded. Later, the worker goes on after an error.
    if (received.size > 0) return;
    broken = true;
    const phase = { kind: "storage_problem", message: NOT_LOADED.message } as const;
    const connection = { kind: "connecting" } as const;
    received.set("session", { phase, permissions: [], isAdmin: false, connection, storage: "memory" });
    for (const listener of listeners.get("session") ?? []) listener();
    for (const answer of calls.values()) answer(NOT_LOADED);
    calls.clear();
  });
  worker.postMessage({ kind: "start", origin });

  return {
    run: (name, arg) =>
      new Promise((resolve) => {
        if (broken) return resolve(NOT_LOADED);
        if (disposed) return resolve(STOPPED);
        const call = ++lastCall;
        calls.set(call, resolve);
        worker.postMessage({ kind: "run", call, name, arg });
      }),
    view: <S extends Slice>(slice: S) => received.get(slice) as Views[S] | undefined,
    subscribe: (slice, listener) => {
      const known = listeners.get(slice) ?? new Set();
      listeners.set(slice, known);
      known.add(listener);
      return () => known.delete(listener);
    },
    dispose: async () => {
      if (disposed) return;
      disposed = true;
      if (broken) return worker.terminate();
      await new Promise<void>((resolve) => {
        onDisposed = resolve;
        worker.postMessage({ kind: "dispose" });
      });
      for (const answer of calls.values()) answer(STOPPED);
      calls.clear();
      worker.terminate();
    },
  };
}
