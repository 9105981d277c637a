import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { LogInput } from "./model.ts";
import { foldRequest, initialRequest } from "./reduce.ts";

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

function frozen(name: string): Frozen {
  return JSON.parse(readFileSync(new URL(`testing/frozen/${name}`, import.meta.url), "utf8")) as Frozen;
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
