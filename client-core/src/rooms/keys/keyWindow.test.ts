import { RoomId, UserId, type SureTime } from "@hearth/protocol";
import { expect, test } from "vitest";
import type { RecordChange } from "../../session/api.ts";
import type { GrantedKeys } from "./grantedKeys.ts";
import type { Org } from "../../org/org.ts";
import { KeyWindow, type KeyWindowDeps } from "./keyWindow.ts";

const ME = UserId.parse("@example-me:hearth.localhost");
const DAY = 86_400_000;
const NOW = 100.5 * DAY;
const key = { roomId: RoomId.parse("!room"), sessionId: "session" };
const nobody = { access: { roles: new Map(), members: new Map() } } as unknown as Org;
/** The default policy keeps fourteen days. */
const OLD = NOW - 30 * DAY;

const sure = (at: number, now: number): SureTime => ({
  at,
  isDoubted: at < now,
  aheadMs: now - at,
  believedInMs: 0,
});

/** One grant of all that is old, until an instant. */
function granted(until: number, ended = false): GrantedKeys {
  return {
    covers: (_key, at, now) => at >= OLD && now < until,
    hasEnded: () => ended,
    nextEnd: (now) => (now < until ? until : undefined),
    stamp: (now) => String(now < until),
  };
}

const NO_RECORDS: KeyWindowDeps["records"] = {
  all: () => Promise.resolve([]),
  write: () => Promise.resolve(),
};

function window(
  grants: GrantedKeys | undefined,
  clock: { now: number; sure?: number },
  records: KeyWindowDeps["records"] = NO_RECORDS,
): KeyWindow {
  return new KeyWindow({
    me: ME,
    records,
    org: () => nobody,
    policy: () => undefined,
    now: () => clock.now,
    clock: () => clock.now,
    sure: () => sure(clock.sure ?? clock.now, clock.now),
    isSignedAdmin: () => false,
    ...(grants ? { granted: grants } : {}),
  });
}

test("[Q6] [P3] a key past the window stays as long as a grant covers it, and no longer", () => {
  const clock = { now: NOW };
  const end = NOW + 1000;
  const kept = window(granted(end), clock);
  const { stamp } = kept;
  expect(window(undefined, clock).see(key, OLD)).toBe(true);
  expect(kept.see(key, OLD)).toBe(false);
  expect(clock.now + kept.changesInMs).toBe(end);
  clock.now = end;
  expect(kept.isPast(key)).toBe(true);
  expect(kept.stamp).not.toBe(stamp);
});

test("[Q6] a key is as old as it was, whatever says that it is younger", () => {
  const kept = window(granted(NOW + 1000), { now: NOW });
  expect(kept.see(key, OLD - 1)).toBe(true);
  expect(kept.arrived(key)).toBe(true);
  expect(kept.see(key, OLD, NOW)).toBe(true);
});

test("[Q6] a key of a grant that was taken back is past, however young", () => {
  expect(window(granted(NOW + 1000, true), { now: NOW }).see(key, NOW)).toBe(true);
});

test("[P3] how old keys are is stored with what tells it: not before it was read, and again where a write failed", async () => {
  const ages = new Map<string, unknown>([[key.roomId, { v: 1, at: { known: OLD, session: NOW } }]]);
  const disk = { full: false };
  const kept = window(
    undefined,
    { now: NOW },
    {
      all: <T>() => Promise.resolve([...ages].map(([name, value]) => ({ key: name, value: value as T }))),
      write: (changes: readonly RecordChange[]) => {
        if (disk.full) return Promise.reject(new DOMException("full", "QuotaExceededError"));
        for (const change of changes)
          if (change.collection === "keyAges" && "value" in change) ages.set(change.key, change.value);
        return Promise.resolve();
      },
    },
  );
  // A room is opened before it is known what stands on the disk: that must not be written over.
  kept.see(key, OLD - 1);
  await kept.save([]);
  expect(ages.get(key.roomId)).toEqual({ v: 1, at: { known: OLD, session: NOW } });
  await kept.load();
  disk.full = true;
  await expect(kept.save([])).rejects.toThrow("full");
  disk.full = false;
  await kept.save([]);
  expect(ages.get(key.roomId)).toEqual({ v: 1, at: { known: OLD, session: OLD - 1 } });
});

test("[P3] [K8] what is past by a clock that is not believed is hidden and stays, and is there again when the clock is right", () => {
  const clock = { now: NOW + 31 * DAY, sure: NOW };
  const kept = window(undefined, clock);
  expect(kept.see(key, NOW)).toBe(false);
  expect(kept.hiding?.key(key)).toBe(true);
  expect(kept.hiding?.instant(NOW)).toBe(true);
  const { shownStamp } = kept;
  Object.assign(clock, { now: NOW });
  expect(kept.hiding).toBeUndefined();
  expect(kept.shownStamp).not.toBe(shownStamp);
  // Believed: past, and so destroyed.
  Object.assign(clock, { now: NOW + 31 * DAY, sure: NOW + 31 * DAY });
  expect(kept.hiding).toBeUndefined();
  expect(kept.isPast(key)).toBe(true);
  // A grant that is over by such a clock hides, and ends nothing.
  const granting = window(granted(NOW + DAY), { now: NOW + 2 * DAY, sure: NOW });
  expect(granting.see(key, OLD)).toBe(false);
  expect(granting.hiding?.key(key)).toBe(true);
});

test("[P3] before the first contact nothing is past, and what is past by the clock is not shown", () => {
  const kept = window(undefined, { now: NOW, sure: -Infinity });
  expect(kept.see(key, OLD)).toBe(false);
  expect(kept.hiding?.key(key)).toBe(true);
  expect(kept.start).toBeUndefined();
  expect(Number.isFinite(kept.changesInMs)).toBe(true);
});

test("[K9] what a clock 400 days ahead had deleted is asked for when the clock is right, once a block, and after a restart", async () => {
  const clock = { now: NOW + 400 * DAY };
  let stored: unknown;
  const records: KeyWindowDeps["records"] = {
    all: <T>() => Promise.resolve(stored === undefined ? [] : [{ key: key.roomId, value: stored as T }]),
    write: (changes) => {
      for (const change of changes) if ("value" in change) stored = structuredClone(change.value);
      return Promise.resolve();
    },
  };
  const first = window(undefined, clock, records);
  await first.load();
  first.see(key, NOW);
  first.deleted([key]);
  await first.save([]);
  clock.now = NOW + 1000;
  const again = window(undefined, clock, records);
  await again.load();
  expect(again.asksToRotate(key, ME, NOW + 500)).toBe(true);
  again.askedToRotate(key.roomId, ME);
  await again.save([]);
  const third = window(undefined, clock, records);
  await third.load();
  expect(third.asksToRotate(key, ME, NOW + 600)).toBe(false);
  clock.now = NOW + DAY;
  expect(third.asksToRotate(key, ME, NOW + DAY)).toBe(true);
  expect(third.asksToRotate({ ...key, sessionId: "never here" }, ME, NOW + DAY)).toBe(false);
});
