import { REFUSALS, type DecidedOn } from "./defineRequestEntry.ts";
import { entryFor, REQUEST_ENTRIES } from "./entries.ts";
import type { FoldedRequest } from "./folded.ts";
import type { Actor, Decision, NewEntry, RequestCommand, RequestRefusal, RequestState } from "./model.ts";
import type { Refused } from "./refusal.ts";
import { permissionFor, RULES, type RuleSet } from "./rules.ts";

const NOT_NOW: Record<Exclude<ReturnType<(typeof REFUSALS)[keyof typeof REFUSALS]>, undefined>, string> = {
  already_open: "This request is open already.",
  not_open_yet: "This request can't be read here yet. Wait until it has loaded, then try again.",
  closed: "This request is closed. Reopen it first.",
  not_closed: "This request is open already.",
};

/**
 * What a command means for a request as it is: the entries to send, or why not, in a sentence for the person.
 * Whatever it gives, `reduceRequest` accepts on the same state from the same actor (SPEC [D1]).
 * @param now milliseconds since 1970
 * @param rules what the state was folded by; a summary names their version
 */
export function decideRequest(
  state: RequestState,
  command: RequestCommand,
  actor: Actor,
  now: number,
  rules: RuleSet = RULES,
): Decision {
  const entry = entryFor(command.kind);
  if (!entry) throw new Error(`there is no command "${command.kind}"`);
  const { type, when, payload, ask } = entry;
  const permission = permissionFor(rules, type);
  if (permission === undefined || !actor.permissions.has(permission))
    return refuse("not_permitted", ask.notPermitted);
  const { folded, lastEventId, chain, leftOut, metNewer } = state;
  const refusal = REFUSALS[when](folded) ?? (folded || when === "unopened" ? undefined : "not_open_yet");
  if (refusal) return refuse(refusal, NOT_NOW[refusal]);
  const on = { folded, lastEventId, chain, leftOut, metNewer, now, foldedBy: rules.version };
  // What each takes, `RequestCommand` says; here it is any of them.
  const make = ask.make as (wanted: object, on: DecidedOn<unknown>) => object | Refused;
  const made = make(command, on);
  if ("refused" in made) return refuse(made.refused, made.message);
  const parsed = payload.safeParse(made);
  if (!parsed.success) return refuse("invalid", ask.invalid);
  return { ok: true, entries: [{ type, payload: parsed.data } as NewEntry] };
}

/** What somebody may ask of a request as it is, before what exactly is said. For buttons: `decideRequest` decides. */
export function mayAsk(
  folded: FoldedRequest,
  permissions: Actor["permissions"],
): Readonly<Record<RequestCommand["kind"], boolean>> {
  const may = REQUEST_ENTRIES.map(({ ask, permission, when }) => [
    ask.kind,
    permissions.has(permission) && REFUSALS[when](folded) === undefined,
  ]);
  return Object.fromEntries(may) as Record<RequestCommand["kind"], boolean>;
}

const refuse = (code: RequestRefusal, message: string): Decision => ({ ok: false, code, message });
