import { Duration, defaultPolicy } from "@hearth/protocol";
import { beforeEach, expect, test } from "vitest";
import { MovedClock } from "../../work/movedClock.ts";
import type { RotationRecord } from "./due.ts";
import { Rotation } from "./rotation.ts";
import type { VaultChanges } from "../vault.ts";
import { FromWorkspace } from "../fromWorkspace.ts";

const HOUR = 3_600_000;
const MINUTE = 60_000;

let clock: MovedClock;

beforeEach(() => {
  clock = new MovedClock(1000 * HOUR);
});

/** A vault that keeps the one note in memory, and a storage rotation that does no more than note that it took place. */
function host(works = true) {
  let note: RotationRecord | undefined;
  let rotations = 0;
  const vault = {
    rotation: () => Promise.resolve(note),
    save: (changes: VaultChanges) => {
      note = changes.rotation ?? undefined;
      return Promise.resolve();
    },
  };
  const told = new FromWorkspace();
  const rotation: Rotation = new Rotation({
    vault: () => vault,
    told,
    clock,
    log: () => {},
    rotate: () => {
      rotations += 1;
      rotation.stop();
      if (works && note) note = { ...note, at: clock.now(), pruned: false };
      rotation.start();
      return Promise.resolve();
    },
  });
  told.setPolicy({ ...defaultPolicy("Test"), key_block: Duration.parse("PT1H") });
  return { rotation, vault, rotations: () => rotations };
}

const pass = (ms: number) => clock.pass(ms);

test("many prunes in a block make one storage rotation, and those after it one in the next block", async () => {
  const { rotation, rotations } = host();
  rotation.start();
  await pass(MINUTE);
  expect(rotations()).toBe(0);
  for (let i = 0; i < 20; i++) rotation.afterPrune();
  await pass(MINUTE);
  expect(rotations()).toBe(1);
  rotation.afterPrune();
  await pass(57 * MINUTE);
  expect(rotations()).toBe(1);
  await pass(2 * MINUTE);
  expect(rotations()).toBe(2);
  await pass(10 * HOUR);
  expect(rotations()).toBe(2);
});

test("what was pruned before a kill is due at the next start", async () => {
  const first = host();
  first.rotation.start();
  first.rotation.afterPrune();
  await pass(MINUTE);
  first.rotation.afterPrune();
  await pass(0);
  first.rotation.stop();
  expect(await first.rotation.isDueAtStart(first.vault)).toBe(true);
  await pass(10 * HOUR);
  expect(first.rotations()).toBe(1);
});

test("a storage rotation that fails is tried again, but not all the time", async () => {
  const { rotation, rotations } = host(false);
  rotation.start();
  rotation.afterPrune();
  await pass(5 * MINUTE);
  expect(rotations()).toBe(1);
  await pass(6 * MINUTE);
  expect(rotations()).toBe(2);
});
