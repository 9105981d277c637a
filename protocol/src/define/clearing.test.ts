import { expect, test } from "vitest";
import { ALL_RECORDS, CATALOGUE } from "../catalogue.ts";
import { clearingSteps, rowsToClear } from "./clearing.ts";
import { CLEARINGS, type Clearing } from "./record.ts";

const records = [...CATALOGUE.records.values()];
const steps = (clearing: Clearing) => clearingSteps(clearing, records);

/** Every kind there is, filled: what lies in a store that has something of each. */
const FILLED = records.flatMap(({ stored }) =>
  stored ? [{ collection: stored.collection, key: (stored.key ?? "any").replace("*", "any") }] : [],
);
const left = (clearing: Clearing) => {
  const { gone } = rowsToClear(clearing, FILLED, records);
  return FILLED.filter((row) => !gone.includes(row)).map(({ collection, key }) => `${collection} ${key}`);
};

const OF_AN_ADMIN = ["backupRestore restore", "access their:any", "access gathered:any", "access alone"];

test.each<[Clearing, (row: string) => boolean]>([
  ["sign-out", () => false],
  ["wipe", () => false],
  ["prune", () => true],
  ["rotation", () => true],
  ["role lost", (row) => !OF_AN_ADMIN.includes(row)],
])(
  "[T6] of a store that has something of every kind, %s leaves exactly what its rows say",
  (clearing, stays) => {
    const all = FILLED.map(({ collection, key }) => `${collection} ${key}`);
    expect(all.length).toBeGreaterThan(25);
    expect(left(clearing)).toEqual(all.filter(stays));
  },
);

test("[T6] key material goes before all else, at a sign-out and at a wipe", () => {
  const keys = ["rootKey", "lock", "lock-notes", "sealed-header"];
  for (const clearing of ["sign-out", "wipe", "rotation"] as const) {
    const first = steps(clearing).slice(0, keys.length);
    expect(first.map(({ record }) => record).toSorted()).toEqual(keys.toSorted());
    for (const { fate } of first) expect(fate).toBe("destroyed");
    expect(
      steps(clearing)
        .slice(keys.length)
        .map(({ fate }) => fate),
    ).not.toContain("destroyed");
  }
});

test("[T6] after a sign-out or a wipe nothing of the session is left; what stays in the browser is nobody's", () => {
  for (const clearing of ["sign-out", "wipe"] as const) {
    const gone = new Set(steps(clearing).map(({ record }) => record));
    const stays = ALL_RECORDS.map(({ name }) => name).filter((name) => !gone.has(name));
    expect(stays).toEqual(["localStorage hearth.theme"]);
  }
});

test("[T6] [P3] what is past the window goes from the rooms before its keys go, and the plan at the end", () => {
  expect(steps("prune")).toEqual([
    { record: "records.rooms", fate: "past" },
    { record: "records.unreadable", fate: "past" },
    { record: "cryptoStore", fate: "past" },
    { record: "records.prunePlan", fate: "past" },
  ]);
});

test("[T6] a rotation takes along all that is stored among the records", () => {
  const renewed = new Set(
    steps("rotation")
      .filter(({ fate }) => fate === "renewed")
      .map(({ record }) => record),
  );
  for (const { name, stored } of ALL_RECORDS) if (stored) expect(renewed).toContain(name);
});

test("[T6] a row that no definition names stays and is reported, whatever clears", () => {
  const odd = { collection: "rooms of the future", key: "any" };
  for (const clearing of CLEARINGS)
    expect(rowsToClear(clearing, [odd], records)).toEqual({ gone: [], unknown: [odd] });
});
