import { canonicalJson } from "./canonical.ts";
import { isBounded } from "./bounds.ts";
import { applyChanges } from "./changes.ts";
import { Closed } from "./events/closed.ts";
import { Edited } from "./events/edited.ts";
import { DisplayId, Opened } from "./events/opened.ts";
import { Reopened } from "./events/reopened.ts";
import { Snapshot, type FoldedRequest } from "./events/snapshot.ts";
import { StatusSet } from "./events/statusSet.ts";
import { RequestChanges, RequestFields, type RequestFieldName } from "./fields.ts";
import type { Actor, Decision, NewEntry, RequestCommand, RequestRefusal, RequestState } from "./model.ts";
import { permissionFor, RULES, type RuleSet } from "./rules.ts";
import { HandStatus } from "./status.ts";

/**
 * Homeservers refuse events above 65,536 bytes (spec, "Size limits"), and encryption makes a third more of it. The
 * folded request must still fit into one snapshot, its counters beside it.
 */
const MAX_FIELDS_BYTES = 40_000;
const MAX_FOLDED_BYTES = 46_000;
/** A call can't have been in the future; clocks may differ by a little, and time zones be mistaken. */
const FUTURE_TOLERANCE_MS = 86_400_000;

const ENTRY_OF: Record<RequestCommand["kind"], NewEntry["type"]> = {
  open: Opened.type,
  edit: Edited.type,
  set_status: StatusSet.type,
  close: Closed.type,
  reopen: Reopened.type,
  snapshot: Snapshot.type,
};

const NOT_PERMITTED: Record<RequestCommand["kind"], string> = {
  open: "You can't open requests. Ask a dispatcher, or an admin for the role.",
  edit: "You can't change requests. Ask an admin for a role that contributes to requests.",
  set_status: "You can't set the status. Ask an admin for a role that contributes to requests.",
  close: "You can't close requests. Ask a dispatcher.",
  reopen: "You can't reopen requests. Ask a dispatcher.",
  snapshot: "You can't write a summary of this request. Ask a dispatcher.",
};

const FIELD_LABELS: Record<RequestFieldName, string> = {
  description: "description",
  types: "list of types",
  location: "location",
  pin: "pin on the map",
  caller_name: "caller's name",
  caller_contact: "caller's contact",
  call_started: "start of the call",
  call_ended: "end of the call",
  priority: "priority",
  tags: "list of tags",
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
  const permission = permissionFor(rules, ENTRY_OF[command.kind]);
  if (permission === undefined || !actor.permissions.has(permission))
    return refuse("not_permitted", NOT_PERMITTED[command.kind]);
  if (command.kind === "open") return decideOpen(state, command, now);
  const { folded } = state;
  if (!folded)
    return refuse(
      "not_open_yet",
      "This request can't be read here yet. Wait until it has loaded, then try again.",
    );
  switch (command.kind) {
    case "edit":
      return folded.closed ? closed() : decideEdit(folded, command.changes, now);
    case "set_status":
      return folded.closed ? closed() : decideStatus(folded, command.status);
    case "close":
      return decideClose(folded, command.outcome);
    case "reopen":
      return folded.closed
        ? accept({ type: Reopened.type, payload: {} })
        : refuse("not_closed", "This request is open already.");
    case "snapshot":
      return decideSnapshot(state, folded, rules);
  }
}

function decideOpen(
  state: RequestState,
  command: Extract<RequestCommand, { kind: "open" }>,
  now: number,
): Decision {
  if (state.folded) return refuse("already_open", "This request is open already.");
  const displayId = DisplayId.safeParse(command.displayId);
  if (!displayId.success) return refuse("invalid", "The request's short name must look like 1123-K7Q.");
  const fields = RequestFields.safeParse(command.fields);
  if (!fields.success) return invalidField(fields.error.issues[0]?.path[0], command.fields);
  const problem = problemOf(fields.data, now);
  if (problem) return problem;
  return accept({
    type: Opened.type,
    payload: { display_id: displayId.data, fields: withoutUndefined(fields.data) },
  });
}

function decideEdit(folded: FoldedRequest, wanted: RequestChanges, now: number): Decision {
  if (!isBounded(wanted)) return invalidField(undefined, wanted);
  const different = Object.fromEntries(
    Object.entries(wanted).filter(([name, value]) => {
      const current = folded.fields[name as RequestFieldName];
      return value !== undefined && canonicalJson(value) !== canonicalJson(current ?? null);
    }),
  );
  if (Object.keys(different).length === 0) return nothingChanged();
  const changes = RequestChanges.safeParse(different);
  if (!changes.success) return invalidField(changes.error.issues[0]?.path[0], different);
  const next = applyChanges(folded.fields, changes.data);
  // Trimming may have undone what was different.
  if (canonicalJson(next) === canonicalJson(folded.fields)) return nothingChanged();
  return problemOf(next, now) ?? accept({ type: Edited.type, payload: { changes: changes.data } });
}

function decideStatus(folded: FoldedRequest, status: HandStatus | null): Decision {
  if (status === folded.hand_status) return nothingChanged();
  const parsed = HandStatus.nullable().safeParse(status);
  return parsed.success
    ? accept({ type: StatusSet.type, payload: { status: parsed.data } })
    : refuse("invalid", "There is no such status. Choose one from the list.");
}

function decideClose(folded: FoldedRequest, outcome: string | undefined): Decision {
  if (folded.closed) return closed();
  const said = outcome?.trim();
  const payload = said ? { outcome: said } : {};
  const room = MAX_FOLDED_BYTES - bytesOf(folded);
  if (said && (said.length > 5000 || bytesOf(said) > room))
    return refuse("invalid", "The outcome is too long. Shorten it; details can go into the request's chat.");
  return accept({ type: Closed.type, payload });
}

function decideSnapshot(state: RequestState, folded: FoldedRequest, { version }: RuleSet): Decision {
  if (state.metNewer)
    return refuse(
      "invalid",
      "Somebody wrote in this request with a newer version of Hearth, so this one can't sum it up.",
    );
  // What an entry said that was taken away since, in place of something past: nobody here knows what it is now.
  if (state.leftOut.size > 0) return notYet();
  const payload = Snapshot.schema.pick({ rules: true, up_to: true, chain: true, state: true }).safeParse({
    ...(version > 1 ? { rules: version } : {}),
    up_to: state.lastEventId,
    chain: state.chain,
    state: folded,
  });
  if (!payload.success) return notYet();
  if (bytesOf(payload.data) > MAX_FOLDED_BYTES + 1000)
    return refuse("invalid", "This request has grown too long to pass on. Shorten its description.");
  return accept({ type: Snapshot.type, payload: payload.data });
}

function problemOf(fields: RequestFields, now: number): Decision | undefined {
  const { call_started: started, call_ended: ended } = fields;
  if (Math.max(started ?? 0, ended ?? 0) > now + FUTURE_TOLERANCE_MS)
    return refuse("invalid", "The time of the call lies in the future. Check the date.");
  if (started !== undefined && ended !== undefined && ended < started)
    return refuse("invalid", "The call ends before it starts. Check both times.");
  if (bytesOf(fields) > MAX_FIELDS_BYTES)
    return refuse(
      "invalid",
      "This is too long to be sent encrypted. Shorten the description; details can go into the request's chat.",
    );
  return undefined;
}

function invalidField(path: PropertyKey | undefined, fields: unknown): Decision {
  const name = path as RequestFieldName | undefined;
  const value = name === undefined ? undefined : (fields as Partial<RequestFields> | undefined)?.[name];
  if (name === "description")
    return typeof value === "string" && value.trim() !== ""
      ? refuse(
          "invalid",
          "The description is too long: at most 20,000 characters. Put the rest into the chat.",
        )
      : refuse("invalid", "Say in the description what is needed: it can't be empty.");
  const label = name !== undefined && Object.hasOwn(FIELD_LABELS, name) ? FIELD_LABELS[name] : "input";
  const tooLong = typeof value === "string" || Array.isArray(value);
  return refuse(
    "invalid",
    tooLong
      ? `The ${label} is too long or not valid. Shorten or correct it.`
      : `The ${label} is not valid. Correct it.`,
  );
}

function bytesOf(value: unknown): number {
  return new TextEncoder().encode(canonicalJson(value)).length;
}

function withoutUndefined(fields: RequestFields): RequestFields {
  return applyChanges({} as RequestFields, fields);
}

const accept = (entry: NewEntry): Decision => ({ ok: true, entries: [entry] });
const refuse = (code: RequestRefusal, message: string): Decision => ({ ok: false, code, message });
const nothingChanged = () => refuse("nothing_changed", "Nothing was changed.");
const notYet = () =>
  refuse("invalid", "This request can't be summed up for others yet. Try again when it has loaded.");
const closed = () => refuse("closed", "This request is closed. Reopen it first.");
