import { UserId } from "@hearth/protocol";
import { TypedEventEmitter } from "matrix-js-sdk/lib/models/typed-event-emitter.js";
import { expect, test } from "vitest";
import type { RoomKeyRef, SignedInSession } from "../session/api.ts";
import { HearthWorkspace } from "./workspace.ts";
import { MovedClock } from "../work/movedClock.ts";

/** A session with nothing in it yet, without a crypto machine and without a server; it shows who listens to it. */
function emptySession(options: { brokenRecords?: boolean } = {}) {
  const client = Object.assign(new TypedEventEmitter<string, Record<string, () => void>>(), {
    getCrypto: () => ({}),
    stopClient: () => {},
  });
  const onKeys = new Set<(keys: readonly RoomKeyRef[]) => void>();
  const stop = new AbortController();
  const views = new Map<string, unknown>();
  const read = <T>(value: T) =>
    options.brokenRecords ? Promise.reject<T>(new Error("the disk can't be read")) : Promise.resolve(value);
  const session = {
    userId: UserId.parse("@example:hearth.localhost"),
    deviceId: "EXAMPLE",
    baseUrl: "http://localhost",
    client,
    records: { get: () => read(undefined), all: () => read([]), write: () => Promise.resolve() },
    roomKeys: {
      list: () => Promise.resolve([]),
      onArrival: (listener: (keys: readonly RoomKeyRef[]) => void) => {
        onKeys.add(listener);
        return () => onKeys.delete(listener);
      },
      delete: () => Promise.resolve(0),
      clearBesides: () => Promise.resolve(0),
    },
    views: {
      set: (slice: string, value: unknown) => void views.set(slice, value),
      remove: (slice: string) => void views.delete(slice),
    },
    told: { setPolicy: () => {}, setPeople: () => {}, listIsWhole: false },
    describe: () => {},
    storageKind: "memory",
    request: () => Promise.reject(new Error("there is no server")),
    rosterRecord: { onNewKey: () => {} },
    keyBackup: { roleSays: () => {}, onRoleLost: () => {} },
    stopped: stop.signal,
    clock: new MovedClock(),
    now: () => 0,
    sureTime: () => ({ at: 0, isDoubted: false, aheadMs: 0, believedInMs: 0 }),
    randomId: () => "example",
    log: () => {},
  };
  const listeners = () => client.eventNames().flatMap((name) => client.listeners(String(name))).length;
  return { session: session as unknown as SignedInSession, onKeys, listeners, stop };
}

test("[P3] a workspace that has closed hears of nothing any more, also while its session goes on", async () => {
  const { session, onKeys, listeners, stop } = emptySession();
  const workspace = await HearthWorkspace.open(session);
  expect(listeners()).toBeGreaterThan(0);
  expect(onKeys.size).toBe(1);
  await workspace.dispose();
  expect(listeners()).toBe(0);
  expect(onKeys.size).toBe(0);
  expect(stop.signal.aborted).toBe(false);
});

test("[P3] one that could not open leaves nothing behind: it is tried again on the same session", async () => {
  const { session, onKeys, listeners } = emptySession({ brokenRecords: true });
  await expect(HearthWorkspace.open(session)).rejects.toThrow("can't be read");
  expect(listeners()).toBe(0);
  expect(onKeys.size).toBe(0);
});
