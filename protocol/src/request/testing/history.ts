import fc from "fast-check";
import {
  idFromBytes,
  type DeviceId,
  type EventId,
  type Instant,
  type LogEntryId,
  type UserId,
} from "../../ids.ts";
import type { Permission } from "../../permissions.ts";
import { decideRequest } from "../decide.ts";
import type { RequestChanges, RequestFields } from "../fields.ts";
import type { Actor, EntryRefusal, LogInput, NewEntry, RequestCommand, RequestState } from "../model.ts";
import { foldRequest, initialRequest } from "../reduce.ts";

/**
 * Histories as honest clients write them: several people with several devices, each of which has seen the log up to
 * some point and decides on what it saw.
 */
export type Device = { readonly actor: Actor; readonly device: DeviceId };

const device = (userId: string, name: string, permissions: Permission[]): Device => ({
  actor: { userId: userId as UserId, permissions: new Set(permissions) },
  device: name as DeviceId,
});

export const DISPATCHER = device("@dispatcher:x", "D1", [
  "administer_requests",
  "edit_request_data",
  "close_requests",
]);
export const DISPATCHERS_PHONE = { ...DISPATCHER, device: "D2" as DeviceId };
export const RESPONDER = device("@responder:x", "R1", ["edit_request_data"]);
export const STRANGER = device("@stranger:x", "S1", []);
const WRITERS = [DISPATCHER, DISPATCHERS_PHONE, RESPONDER];

export const NOW = 1_767_225_600_000;

const text = fc.string({ unit: "grapheme", minLength: 0, maxLength: 12 });
const description = text.map((words) => `Help ${words}`.trim());
const words = fc.subarray(["first-aid", "housing", "water"]);
const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });

const optionalFields = {
  types: words,
  location: text,
  pin: fc.record({ lat: fc.double({ min: 1, max: 90, noNaN: true }), lon: fc.constant(1.5) }),
  caller_name: text,
  caller_contact: text,
  call_started: fc.integer({ min: 1, max: 1000 }) as fc.Arbitrary<Instant>,
  priority: fc.constantFrom("critical" as const, "urgent" as const),
  tags: words,
};
export const fields: fc.Arbitrary<RequestFields> = fc
  .record({ description, ...optionalFields }, { requiredKeys: ["description"] })
  .map((value) => value as RequestFields);
export const changes: fc.Arbitrary<RequestChanges> = fc
  .record(
    {
      description,
      types: some(optionalFields.types),
      location: some(optionalFields.location),
      pin: some(optionalFields.pin),
      caller_name: some(optionalFields.caller_name),
      priority: some(optionalFields.priority),
      tags: some(optionalFields.tags),
    },
    { requiredKeys: [] },
  )
  .map((value) => value as RequestChanges);

const open = fields.map((value): RequestCommand => ({ kind: "open", displayId: "1123-K7Q", fields: value }));
const edit = changes.map((value): RequestCommand => ({ kind: "edit", changes: value }));
const status = fc
  .constantFrom("on_the_way" as const, "on_site" as const, "finished" as const, null)
  .map((value): RequestCommand => ({ kind: "set_status", status: value }));
const close = fc
  .constantFrom("", "Done")
  .map((outcome): RequestCommand => (outcome ? { kind: "close", outcome } : { kind: "close" }));
const plain: fc.Arbitrary<RequestCommand> = fc.oneof(
  { weight: 5, arbitrary: edit },
  { weight: 3, arbitrary: status },
  { weight: 1, arbitrary: close },
  { weight: 2, arbitrary: fc.constant<RequestCommand>({ kind: "reopen" }) },
  { weight: 1, arbitrary: open },
);
export const command: fc.Arbitrary<RequestCommand> = fc.oneof(
  { weight: 6, arbitrary: plain },
  { weight: 1, arbitrary: fc.constant<RequestCommand>({ kind: "snapshot" }) },
);

type Step = { readonly writer: number; readonly lag: number; readonly command: RequestCommand };

/** The log as the homeserver has it, and what each device counts. */
export class Log {
  readonly events: LogInput[] = [];
  private readonly sent = new Map<string, number>();
  private readonly saw = new Map<string, number>();
  private minted = 0;

  /** A device that lags behind by so many events decides, and sends if it may. */
  decide(by: Device, wanted: RequestCommand, lag = 0): NewEntry[] {
    const seen = Math.max(
      this.events.length - lag,
      this.saw.get(by.device) ?? 0,
      Math.min(this.events.length, 1),
    );
    this.saw.set(by.device, seen);
    const state = foldRequest(initialRequest(), this.events.slice(0, seen));
    const decision = decideRequest(state, wanted, by.actor, NOW);
    if (!decision.ok) return [];
    for (const entry of decision.entries) this.send(by, entry, state.folded?.heads ?? []);
    return [...decision.entries];
  }

  send(by: Device, entry: NewEntry, heads: readonly LogEntryId[]): LogInput {
    return this.append(this.sealed(by, entry, heads));
  }

  /** An event that is not in the log yet. */
  sealed(by: Device, entry: NewEntry, heads: readonly LogEntryId[]): LogInput {
    const seq = (this.sent.get(by.device) ?? 0) + 1;
    this.sent.set(by.device, seq);
    const id = this.mint();
    return this.event(by, entry.type, {
      v: 1,
      id: idFromBytes(new Uint8Array(16).fill(id % 256).fill(id >> 8, 8)) as LogEntryId,
      device: by.device,
      seq,
      at: (NOW + id) as Instant,
      heads: [...heads],
      ...entry.payload,
    });
  }

  /** Any content at all, as the network would bring it. */
  event(by: Device, type: string, content: unknown): LogInput {
    return {
      eventId: `$event${this.mint()}` as EventId,
      sender: by.actor.userId,
      senderDevice: by.device,
      serverTs: NOW,
      type,
      content: content === undefined ? undefined : (JSON.parse(JSON.stringify(content)) as unknown),
      senderPermissions: by.actor.permissions,
    };
  }

  append(event: LogInput): LogInput {
    this.events.push(event);
    return event;
  }

  state(upTo = this.events.length): RequestState {
    return foldRequest(initialRequest(), this.events.slice(0, upTo));
  }

  /** Another log that goes on from the same events: a generated one is shared between the runs of a property. */
  copy(): Log {
    const copy = new Log();
    copy.events.push(...this.events);
    for (const [name, count] of this.sent) copy.sent.set(name, count);
    for (const [name, count] of this.saw) copy.saw.set(name, count);
    copy.minted = this.minted;
    return copy;
  }

  private mint(): number {
    this.minted += 1;
    return this.minted;
  }
}

const run = (steps: readonly Step[], first: RequestFields): Log => {
  const log = new Log();
  log.decide(DISPATCHER, { kind: "open", displayId: "1123-K7Q", fields: first });
  for (const step of steps) log.decide(WRITERS[step.writer] ?? DISPATCHER, step.command, step.lag);
  return log;
};

const steps = (commands: fc.Arbitrary<RequestCommand>) =>
  fc.array(
    fc.record({ writer: fc.nat({ max: WRITERS.length - 1 }), lag: fc.nat({ max: 5 }), command: commands }),
    { maxLength: 30 },
  );

/** A request's life, snapshots included. */
export const history: fc.Arbitrary<Log> = fc
  .tuple(steps(command), fields)
  .map(([made, first]) => run(made, first));
/** The same without snapshots. */
export const plainHistory: fc.Arbitrary<Log> = fc
  .tuple(steps(plain), fields)
  .map(([made, first]) => run(made, first));

/** What a request says, without the bookkeeping that a refused entry's counter moves. */
export function says(state: RequestState): unknown {
  if (!state.folded) return undefined;
  const { counters: _, heads: __, ...rest } = state.folded;
  return { ...rest, chain: state.chain };
}

/** A log with an opened request and nothing else. */
export function opened(): Log {
  const log = new Log();
  log.decide(DISPATCHER, { kind: "open", displayId: "1123-K7Q", fields: { description: "Help" } });
  return log;
}

/** Which events were refused, and why. */
export function refusals(state: RequestState): [EventId, EntryRefusal][] {
  return state.history.flatMap(({ eventId, what }): [EventId, EntryRefusal][] =>
    what.kind === "refused" ? [[eventId, what.reason]] : [],
  );
}

export function idOf(event: LogInput | undefined): LogEntryId | undefined {
  return (event?.content as { id: LogEntryId } | undefined)?.id;
}
