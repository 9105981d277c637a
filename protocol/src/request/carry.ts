import { namedBlock } from "../keys/block.ts";
import { canonicalJson } from "./canonical.ts";
import type { FoldedRequest } from "./folded.ts";
import type { RequestFieldName, RequestFields } from "./fields.ts";
import type { LeftOut, LogInput, RequestState } from "./model.ts";
import { initialRequest } from "./initial.ts";

/**
 * Where an entry stands in time when it is to be forgotten: the earlier of the server's date and the block that its
 * content names, as it is with the key that it was written with (SPEC [K4]).
 */
export function ageOf({ serverTs, content }: Pick<LogInput, "serverTs" | "content">): number {
  return Math.min(serverTs, namedBlock(content) ?? Infinity);
}

/**
 * What may outlive the entries that said it (SPEC [K7]): only what the request still says. What a newer entry replaced
 * is left out and noted, so that nobody's summary is compared with what it was.
 * @param before the fold of entries that are let go of
 * @param now the same, with all that came since
 */
export function carriedOn(before: RequestState, now: RequestState): RequestState {
  const bare: RequestState = { ...before, history: [], tail: [] };
  const { folded } = before;
  if (!folded) return bare;
  const replaced = replacedIn(folded, now.folded);
  if (replaced.length === 0) return bare;
  return {
    ...bare,
    folded: replaced.reduce(without, folded),
    leftOut: new Set([...before.leftOut, ...replaced]),
  };
}

/** What stays of a request that went with its closing (SPEC [K7]): how far it had come, and nothing that it said. */
export function endOf(now: RequestState): RequestState {
  return { ...initialRequest(), ended: now.closing?.counters ?? now.ended };
}

/** Whether `before` still says something that was replaced since. */
export function saysMoreThan(before: RequestState, now: FoldedRequest | undefined): boolean {
  return before.folded !== undefined && replacedIn(before.folded, now).length > 0;
}

/** Whether a request is closed, and its closing is past: then it goes as a whole (SPEC [K7]). */
export function isClosedBefore(
  folded: FoldedRequest | undefined,
  closedSince: number | undefined,
  isPast: (at: number) => boolean,
): boolean {
  return folded?.closed ? isPast(closedSince ?? folded.closed.at) : false;
}

function replacedIn(before: FoldedRequest, now: FoldedRequest | undefined): LeftOut[] {
  const differs = (a: unknown, b: unknown) => canonicalJson(a ?? null) !== canonicalJson(b ?? null);
  const replaced: LeftOut[] = [];
  for (const name of Object.keys(before.fields) as RequestFieldName[])
    if (before.fields[name] !== "" && differs(before.fields[name], now?.fields[name])) replaced.push(name);
  if (before.hand_status !== null && differs(before.hand_status, now?.hand_status)) replaced.push("status");
  if (before.closed?.outcome !== undefined && differs(before.closed, now?.closed)) replaced.push("outcome");
  return replaced;
}

function without(folded: FoldedRequest, name: LeftOut): FoldedRequest {
  if (name === "status") return { ...folded, hand_status: null };
  if (name === "outcome") {
    const { closed } = folded;
    return { ...folded, closed: closed && { by: closed.by, at: closed.at } };
  }
  const { [name]: _, ...fields } = folded.fields;
  // The one field that a request can't be without.
  const kept = name === "description" ? { ...fields, description: "" } : fields;
  return { ...folded, fields: kept as RequestFields };
}
