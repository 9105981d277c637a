import { beforeEach, expect, test } from "vitest";
import { MovedClock } from "../work/movedClock.ts";
import type { MoultRecord } from "./moultDue.ts";
import { Moulting } from "./moulting.ts";
import type { VaultChanges } from "./vault.ts";
import { PublishedViews } from "./views.ts";

const HOUR = 3_600_000;
const MINUTE = 60_000;

let clock: MovedClock;

beforeEach(() => {
  clock = new MovedClock(1000 * HOUR);
});

/** A vault that keeps the one note in memory, and a moult that does no more than note that it took place. */
function host(works = true) {
  let note: MoultRecord | undefined;
  let moults = 0;
  const vault = {
    moult: () => Promise.resolve(note),
    save: (changes: VaultChanges) => {
      note = changes.moult ?? undefined;
      return Promise.resolve();
    },
  };
  const views = new PublishedViews();
  const moulting: Moulting = new Moulting({
    vault: () => vault,
    views,
    clock,
    log: () => {},
    moult: () => {
      moults += 1;
      moulting.stop();
      if (works && note) note = { ...note, at: clock.now(), pruned: false };
      moulting.start();
      return Promise.resolve();
    },
  });
  const policy = { name: "", key_block: "PT1H", key_window: "", retention: "", lease: "", invite_expiry: "" };
  views.set("org", { name: "", roles: [], requestTypes: [], tags: [], policy });
  return { moulting, vault, moults: () => moults };
}

const pass = (ms: number) => clock.pass(ms);

test("many prunes in a block make one moult, and those after it one in the next block", async () => {
  const { moulting, moults } = host();
  moulting.start();
  await pass(MINUTE);
  expect(moults()).toBe(0);
  for (let i = 0; i < 20; i++) moulting.afterPrune();
  await pass(MINUTE);
  expect(moults()).toBe(1);
  moulting.afterPrune();
  await pass(57 * MINUTE);
  expect(moults()).toBe(1);
  await pass(2 * MINUTE);
  expect(moults()).toBe(2);
  await pass(10 * HOUR);
  expect(moults()).toBe(2);
});

test("what was pruned before a kill is due at the next start", async () => {
  const first = host();
  first.moulting.start();
  first.moulting.afterPrune();
  await pass(MINUTE);
  first.moulting.afterPrune();
  await pass(0);
  first.moulting.stop();
  expect(await first.moulting.isDueAtStart(first.vault)).toBe(true);
  await pass(10 * HOUR);
  expect(first.moults()).toBe(1);
});

test("a moult that fails is tried again, but not all the time", async () => {
  const { moulting, moults } = host(false);
  moulting.start();
  moulting.afterPrune();
  await pass(5 * MINUTE);
  expect(moults()).toBe(1);
  await pass(6 * MINUTE);
  expect(moults()).toBe(2);
});
