import { CHAIN_START } from "./chain.ts";
import type { RequestState } from "./model.ts";

/** A request of which nothing is known yet. */
export function initialRequest(): RequestState {
  return {
    folded: undefined,
    toldBy: undefined,
    lastEventId: undefined,
    chain: CHAIN_START,
    history: [],
    incomplete: [],
    seen: new Set(),
    tail: [],
    sinceStart: undefined,
    closing: undefined,
    leftOut: new Set(),
    rules: 1,
    metNewer: false,
  };
}
