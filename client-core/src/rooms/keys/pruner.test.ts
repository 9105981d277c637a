import { EventId, RoomId, UserId } from "@hearth/protocol";
import { expect, test } from "vitest";
import type { RecordChange, RoomKeyRef } from "../../session/api.ts";
import type { Org } from "../../org/org.ts";
import type { RawEvent } from "../rawEvent.ts";
import type { Room } from "../room.ts";
import { KeyWindow } from "./keyWindow.ts";
import { Pruner, type PrunerBook, type PrunerSession } from "./pruner.ts";
import { MovedClock } from "../../work/movedClock.ts";

const ME = UserId.parse("@example-me:hearth.localhost");
const ROOM = RoomId.parse("!request");
const DAY = 86_400_000;
const NOW = 100 * DAY;
const KEYS = 150;

class Killed extends Error {}

/** Stands in for what a device has on its disk, and for the power that may go before any write to it. */
class FakeDisk {
  readonly records = new Map<string, unknown>();
  readonly keys = new Set<string>();
  /** Whether the room still holds what it derived from old keys. */
  derived = true;
  writes = 0;
  killAt = Infinity;

  write(): void {
    if (this.writes >= this.killAt) throw new Killed();
    this.writes += 1;
  }
}

/** A device on such a disk, started: a request with an event of each key, the keys past the window but the last. */
async function start(
  disk: FakeDisk,
  options: {
    org?: Org;
    signed?: boolean;
    onPrune?: () => void;
    /** While the room lets go of what is past: before it is written. */
    atForget?: (pruner: Pruner, stop: () => void) => void;
    now?: () => number;
    /** By which time keys are destroyed, if not by the clock. */
    sure?: () => number;
    onHidden?: () => void;
    /** Once it has started. */
    onceStarted?: (pruner: Pruner) => void;
  } = {},
): Promise<void> {
  const stopped = new AbortController();
  const now = options.now ?? (() => NOW);
  const session: PrunerSession = {
    stopped: stopped.signal,
    clock: new MovedClock(NOW),
    log: () => {},
    ...(options.onPrune ? { afterPrune: options.onPrune } : {}),
    records: {
      get: <T>(collection: string, key: string) =>
        Promise.resolve(disk.records.get(`${collection} ${key}`) as T | undefined),
      all: <T>(collection: string) =>
        Promise.resolve(
          [...disk.records].flatMap(([name, value]) =>
            name.startsWith(`${collection} `)
              ? [{ key: name.slice(collection.length + 1), value: value as T }]
              : [],
          ),
        ),
      write: (changes: readonly RecordChange[]) => {
        if (changes.length > 0) disk.write();
        for (const change of changes) {
          const name = `${change.collection} ${change.key}`;
          if ("remove" in change) disk.records.delete(name);
          else disk.records.set(name, structuredClone(change.value));
          if (change.collection === "rooms") disk.derived = false;
        }
        return Promise.resolve();
      },
    },
    roomKeys: {
      list: () => Promise.resolve([...disk.keys].map((sessionId) => ({ roomId: ROOM, sessionId }))),
      onArrival: () => () => {},
      delete: (keys: readonly RoomKeyRef[]) => {
        disk.write();
        // What needs the keys must be on the disk before they go.
        expect(disk.derived).toBe(false);
        return Promise.resolve(keys.filter(({ sessionId }) => disk.keys.delete(sessionId)).length);
      },
      clearBesides: () => Promise.resolve(0),
    },
  };
  const events = Array.from({ length: KEYS }, (_, i): RawEvent => ({
    event_id: EventId.parse(`$event${i}`),
    type: "m.room.encrypted",
    sender: ME,
    origin_server_ts: NOW - (i === KEYS - 1 ? 0 : 30 * DAY),
    content: { session_id: `key${i}` },
  }));
  let holds = disk.derived;
  const room = {
    roomId: ROOM,
    log: { events },
    holdsPast: () => holds,
    forget: () => {
      options.atForget?.(pruner, () => stopped.abort());
      return Promise.resolve((holds = false));
    },
    store: () => ({}),
  } as unknown as Room;
  const book: PrunerBook = {
    sealed: () => [room],
    change: async (_, work) => void (await work(room)),
  };
  const org = options.org ?? orgWith(false);
  const pruner = new Pruner(
    session,
    book,
    new KeyWindow({
      me: ME,
      records: session.records,
      org: () => org,
      policy: () => undefined,
      now,
      clock: now,
      sure: () => ({
        at: (options.sure ?? now)(),
        isDoubted: options.sure !== undefined,
        aheadMs: 0,
        believedInMs: 0,
      }),
      isSignedAdmin: () => options.signed ?? true,
    }),
    { onHidden: options.onHidden ?? (() => {}), onLost: () => Promise.resolve(false) },
  );
  const started = pruner.start().then(() => options.onceStarted?.(pruner));
  await started.finally(() => {
    pruner.dispose();
    stopped.abort();
  });
}

function orgWith(admin: boolean): Org {
  const roles = admin ? [{ role: "admin", from: 0 }] : [];
  const member = { v: 1, joined: [{ from: 0 }], roles };
  return {
    access: { roles: new Map(), members: new Map([[ME.slice(1), member]]) },
  } as unknown as Org;
}

function diskWithKeys(): FakeDisk {
  const disk = new FakeDisk();
  for (let i = 0; i < KEYS; i += 1) disk.keys.add(`key${i}`);
  return disk;
}

test("[P3] keys past the window go, with what was derived from them; the others stay", async () => {
  const disk = diskWithKeys();
  let rotations = 0;
  await start(disk, { onPrune: () => (rotations += 1) });
  expect([...disk.keys]).toEqual([`key${KEYS - 1}`]);
  expect(disk.derived).toBe(false);
  expect(rotations).toBe(1);
  await start(disk, { onPrune: () => (rotations += 1) });
  expect(rotations).toBe(1);
});

test("[P3] killed before any of its writes, the next start finishes it and loses no live key", async () => {
  const whole = diskWithKeys();
  await start(whole);
  expect(whole.writes).toBeGreaterThan(4);
  for (let killAt = 0; killAt < whole.writes; killAt += 1) {
    const disk = diskWithKeys();
    disk.killAt = killAt;
    await start(disk).catch((error: unknown) => expect(error).toBeInstanceOf(Killed));
    expect(disk.keys.size).toBeGreaterThan(0);
    disk.killAt = Infinity;
    await start(disk);
    expect([...disk.keys], `killed before write ${killAt}`).toEqual([`key${KEYS - 1}`]);
    expect(disk.derived).toBe(false);
    expect(disk.records.has("prunePlan plan")).toBe(false);
  }
});

test("[P3] a key that was found past during a run goes at the next start, though the log that said so was cut", async () => {
  const disk = diskWithKeys();
  disk.keys.add("late");
  await start(disk, {
    atForget: (pruner, stop) => {
      // Its event came with what is cut now; nobody will see it again.
      expect(pruner.see({ roomId: ROOM, sessionId: "late" }, NOW - 30 * DAY)).toBe(true);
      stop();
    },
  });
  expect(disk.keys).toContain("late");
  await start(disk);
  expect([...disk.keys]).toEqual([`key${KEYS - 1}`]);
});

test("[P3] what goes past during a run goes with it, and not minutes later", async () => {
  const disk = diskWithKeys();
  let now = NOW;
  await start(disk, { now: () => now, atForget: () => (now = NOW + 30 * DAY) });
  expect([...disk.keys]).toEqual([]);
});

test("[P3] an admin's device keeps its keys", async () => {
  const disk = diskWithKeys();
  await start(disk, { org: orgWith(true) });
  expect(disk.keys.size).toBe(KEYS);
  expect(disk.derived).toBe(true);
});

test("[P3] a role that only the server claims keeps no old keys", async () => {
  const disk = diskWithKeys();
  await start(disk, { org: orgWith(true), signed: false });
  expect([...disk.keys]).toEqual([`key${KEYS - 1}`]);
});

test("[P3] [K8] a clock that jumped ahead destroys nothing and tells that there is less to show; when it is right again nothing is missing", async () => {
  const disk = diskWithKeys();
  await start(disk, { now: () => NOW + 400 * DAY, sure: () => NOW - 400 * DAY });
  expect(disk.keys.size).toBe(KEYS);
  let told = 0;
  let now = NOW + 400 * DAY;
  await start(disk, {
    now: () => now,
    sure: () => NOW - 400 * DAY,
    onHidden: () => (told += 1),
    onceStarted: (pruner) => {
      now = NOW;
      pruner.look();
    },
  });
  expect(told).toBe(1);
  expect(disk.keys.size).toBe(KEYS);
});
