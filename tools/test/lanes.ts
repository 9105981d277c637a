import type { Output } from "./child.ts";
import type { Work } from "./phases.ts";

/** Pieces of work of which one is done at a time, taken from the queue's front; two lanes may take from one queue. */
export type Lane = {
  readonly queue: Work[];
  /** For the work in this lane: see `Call`. */
  readonly output: Output;
  readonly width: number;
};

/**
 * How what is wanted is spread over two cores. Tests against real servers have several workers of their own, which also
 * wait for each other; beside them, one process at a time uses what they leave. Without them, two at a time do.
 */
export function lanesFor(wanted: readonly Work[]): Lane[] {
  // Alone, it may have the terminal.
  if (wanted.length === 1) return [{ queue: [...wanted], output: "inherit", width: 2 }];
  const first = wanted.filter(({ lane }) => lane === "first");
  const beside = wanted.filter(({ lane }) => lane === "beside");
  if (beside.length === 0) return [{ queue: first, output: "inherit", width: 2 }];
  if (first.length === 0) {
    const shared: Lane = { queue: beside, output: "keep", width: 2 };
    return [shared, shared];
  }
  return [
    { queue: first, output: "lines", width: 1 },
    { queue: beside, output: "keep", width: 1 },
  ];
}
