import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readEntryContent } from "./entry.ts";
import type { LogInput } from "./model.ts";
import { foldRequest, initialRequest } from "./reduce.ts";
import { RULES } from "./rules.ts";

/**
 * A log as version 1 wrote it, block field included, with the chain after each of its events: made once, by the code
 * of then, and never again.
 */
type Frozen = {
  readonly steps: readonly {
    readonly event: Omit<LogInput, "senderPermissions"> & { readonly senderPermissions: readonly string[] };
    readonly chain: string;
  }[];
  readonly folded: unknown;
};

function frozen(name: "chain-v1.json"): Frozen;
function frozen(name: "entries.json"): { readonly type: string; readonly content: { readonly v: number } }[];
function frozen(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`testing/frozen/${name}`, import.meta.url), "utf8"));
}

const inputOf = ({ event }: Frozen["steps"][number]): LogInput => ({
  ...event,
  senderPermissions: new Set(event.senderPermissions) as LogInput["senderPermissions"],
});

test("[L9] for what version 1 wrote, the chain is byte for byte what it was", () => {
  const { steps, folded } = frozen("chain-v1.json");
  const inputs = steps.map(inputOf);
  expect(steps.length).toBeGreaterThan(10);
  for (const [i, { chain }] of steps.entries())
    expect(foldRequest(initialRequest(), inputs.slice(0, i + 1)).chain).toBe(chain);
  const state = foldRequest(initialRequest(), inputs);
  expect(state.folded).toEqual(folded);
  expect(state.incomplete).toEqual([]);
});

test("[L16] an entry of each type and version that was ever written is read for ever", () => {
  const entries = frozen("entries.json");
  for (const { type, content } of entries) {
    const rule = readEntryContent(type, content)?.rule;
    expect({ type: rule?.type, v: rule?.v }).toEqual({ type, v: content.v });
  }
  // Whoever adds a version adds what it wrote.
  const kept = entries.map(({ type, content }) => `${type} ${content.v}`);
  expect(kept.toSorted()).toEqual(RULES.entries.map(({ type, v }) => `${type} ${v}`).toSorted());
});
