import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { z } from "zod";
import type { EventId, Instant, LogEntryId } from "../ids.ts";
import type { Permission } from "../permissions.ts";
import { decideRequest } from "./decide.ts";
import { envelope } from "./envelope.ts";
import type { FoldedRequest } from "./folded.ts";
import type { LogInput, RequestCommand, RequestState } from "./model.ts";
import { foldRequest, initialRequest, markUnreadable } from "./reduce.ts";
import { RULES, type EntryRule, type RuleSet } from "./rules.ts";
import { command, DISPATCHER, Log, NOW, RESPONDER, STRANGER, type Device } from "./testing/history.ts";

// Many generated histories: a busy machine may take its time.
vi.setConfig({ testTimeout: 60_000 });

const OLDER = RULES;
const NEXT = RULES.version + 1;

const MOVED = "org.hearth.request.moved";
const EDITED = "org.hearth.request.edited";
const AnyV = { ...envelope, v: z.int() };
const Moved = z.object({ ...AnyV, to: z.string() });
const Edited2 = z.object({ ...AnyV, v: z.literal(2), set: z.object({ location: z.string() }) });

/** What a next version might bring: an entry that this one has never heard of, and a new meaning of one that it knows. */
const newRule = (
  type: string,
  v: number,
  schema: z.ZodType,
  locationOf: (content: never) => string,
): EntryRule =>
  ({
    type,
    v,
    since: NEXT,
    schema,
    permission: "edit_request_data",
    refusal: (folded: FoldedRequest | undefined) =>
      folded ? (folded.closed ? "closed" : undefined) : "not_open_yet",
    apply: (folded: FoldedRequest, content: never) => ({
      ...folded,
      fields: { ...folded.fields, location: locationOf(content) },
      count: folded.count + 1,
    }),
    describe: () => ({ kind: "edited", fields: ["location"] }),
    says: () => ["location"],
  }) as unknown as EntryRule;

const NEWER: RuleSet = {
  version: NEXT,
  entries: [
    ...RULES.entries,
    newRule(MOVED, 1, Moved, ({ to }: z.infer<typeof Moved>) => to),
    newRule(EDITED, 2, Edited2, ({ set }: z.infer<typeof Edited2>) => set.location),
  ],
};

type Person = { readonly device: Device; readonly rules: RuleSet };
const named = (device: Device, name: string): Device => ({ ...device, device: name as Device["device"] });
const PEOPLE: readonly Person[] = [
  { device: named(DISPATCHER, "OLD1"), rules: OLDER },
  { device: named(DISPATCHER, "NEW1"), rules: NEWER },
  { device: named(RESPONDER, "OLD2"), rules: OLDER },
  { device: named(RESPONDER, "NEW2"), rules: NEWER },
];
const LIAR = named({ ...RESPONDER, actor: { ...RESPONDER.actor, userId: "@liar:x" as never } }, "L1");

type Wanted =
  | RequestCommand
  | { readonly kind: "move" | "edit2"; readonly to: string }
  | { readonly kind: "v99" };
type Step = { readonly by: number; readonly lag: number; readonly wanted: Wanted };

/** A log to which clients of both versions write, each of what it saw, and a host that adds relations. */
class MixedLog {
  readonly log = new Log();
  readonly #saw = new Map<string, number>();

  constructor() {
    this.log.decide(DISPATCHER, { kind: "open", displayId: "1123-K7Q", fields: { description: "Help" } });
  }

  get events(): LogInput[] {
    return this.log.events;
  }

  run({ by, lag, wanted }: Step): void {
    if (wanted.kind === "v99") return this.claim();
    const { device, rules } = PEOPLE[by % PEOPLE.length] ?? expect.fail("out of range");
    const seen = Math.max(this.events.length - lag, this.#saw.get(device.device) ?? 0, 1);
    this.#saw.set(device.device, seen);
    const state = read(this.events.slice(0, seen), rules);
    const heads = state.folded?.heads ?? [];
    if (wanted.kind === "move" || wanted.kind === "edit2") {
      if (rules === NEWER && state.folded?.closed === null) this.writeNew(device, heads, wanted);
      return;
    }
    const decision = decideRequest(state, wanted as RequestCommand, device.actor, NOW, rules);
    if (decision.ok) for (const entry of decision.entries) this.log.send(device, entry, heads);
  }

  writeNew(
    by: Device,
    heads: readonly LogEntryId[],
    { kind, to }: { kind: "move" | "edit2"; to: string },
  ): LogInput {
    const status = { type: "org.hearth.request.status", payload: { status: "on_site" } } as const;
    const { content, ...event } = this.log.sealed(by, status, heads);
    const { status: _, ...rest } = content as Record<string, unknown>;
    const body = kind === "move" ? { ...rest, to } : { ...rest, v: 2, set: { location: to } };
    return this.log.append({ ...event, type: kind === "move" ? MOVED : EDITED, content: body });
  }

  claim(): void {
    const status = { type: "org.hearth.request.status", payload: { status: "finished" } } as const;
    const event = this.log.sealed(LIAR, status, []);
    this.log.append({ ...event, content: { ...(event.content as object), v: 99 } });
  }
}

const read = (events: readonly LogInput[], rules: RuleSet, from = initialRequest()): RequestState =>
  foldRequest(from, events, rules);

/** What a host may add to what it hands out; inside the ciphertext it can write nothing else. */
const withRelations = (events: readonly LogInput[], where: readonly boolean[]): LogInput[] =>
  events.map((event, i) =>
    where[i % where.length]
      ? { ...event, content: { ...(event.content as object), "m.relates_to": { event_id: "$host" } } }
      : event,
  );

const step = (liar: boolean): fc.Arbitrary<Step> =>
  fc.record({
    by: fc.nat({ max: PEOPLE.length - 1 }),
    lag: fc.nat({ max: 4 }),
    wanted: fc.oneof(
      { weight: 6, arbitrary: command },
      { weight: 3, arbitrary: fc.constant<Wanted>({ kind: "snapshot" }) },
      {
        weight: 2,
        arbitrary: fc
          .tuple(fc.constantFrom("move" as const, "edit2" as const), fc.constantFrom("here", "there"))
          .map(([kind, to]): Wanted => ({ kind, to })),
      },
      ...(liar ? [{ weight: 1, arbitrary: fc.constant<Wanted>({ kind: "v99" }) }] : []),
    ),
  });
const mixed = (liar = false): fc.Arbitrary<MixedLog> =>
  fc.array(step(liar), { maxLength: 30 }).map((steps) => {
    const log = new MixedLog();
    for (const one of steps) log.run(one);
    return log;
  });

const accused = (state: RequestState) =>
  state.incomplete.flatMap((item) => (item.kind === "snapshot_mismatch" ? [item.author] : []));
const newerBy = (state: RequestState) =>
  state.incomplete.flatMap((item) => (item.kind === "newer_version" ? [item.author] : []));
const says = ({ folded }: RequestState) =>
  folded && { fields: folded.fields, hand_status: folded.hand_status, closed: folded.closed };
const isNew = (event: LogInput) => event.type === MOVED || (event.content as { v: number }).v === 2;
const isSummary = ({ type }: LogInput) => type === "org.hearth.request.snapshot";
const isNewer = (event: LogInput) => isNew(event) || (event.content as { rules?: number }).rules === NEXT;

describe("[L15] clients of two versions in one request", () => {
  test("nobody's summary is called false, by either, with a host that adds relations and restarts of another version", () => {
    fc.assert(
      fc.property(mixed(true), fc.array(fc.boolean(), { minLength: 1 }), fc.nat(), (log, where, at) => {
        const events = withRelations(log.events, where);
        const cut = at % (events.length + 1);
        for (const [first, then] of [
          [OLDER, OLDER],
          [OLDER, NEWER],
          [NEWER, OLDER],
          [NEWER, NEWER],
        ] as const) {
          // As a store that one version wrote and another opens: what was carried on has no tail.
          const base = { ...read(events.slice(0, cut), first), tail: [], history: [] };
          expect(accused(read(events.slice(cut), then, base))).toEqual([]);
          expect(accused(read(events, then))).toEqual([]);
          // Somebody who came later, or can't read what came before.
          let late = initialRequest();
          for (const { eventId } of events.slice(0, cut)) late = markUnreadable(late, eventId, then);
          expect(accused(read(events.slice(cut), then, late))).toEqual([]);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("the newer one misses nothing, and its chain is the older one's for all that both know", () => {
    fc.assert(
      fc.property(mixed(), ({ events }) => {
        const all = read(events, NEWER);
        expect(all.incomplete).toEqual([]);
        const before = events.findIndex(isNewer);
        const known = events.slice(0, before < 0 ? undefined : before);
        expect(read(known, OLDER).chain).toBe(read(known, NEWER).chain);
        expect(read(known, OLDER).folded).toEqual(read(known, NEWER).folded);
      }),
    );
  });

  test("the older one says so with the writer's name, goes on, and sums nothing up", () => {
    fc.assert(
      fc.property(mixed(), ({ events }) => {
        const state = read(events, OLDER);
        const newer = events.filter(isNewer);
        const mayWriteEdit = (event: LogInput) => event.senderPermissions.has("edit_request_data");
        expect(newerBy(state).length > 0).toBe(newer.some(mayWriteEdit));
        for (const author of newerBy(state)) expect(newer.map(({ sender }) => sender)).toContain(author);
        expect(state.incomplete.every(({ kind }) => kind === "newer_version")).toBe(true);
        const summary = decideRequest(state, { kind: "snapshot" }, DISPATCHER.actor, NOW);
        expect(summary.ok).toBe(!newer.some(mayWriteEdit));
        // What it knows it folds as if the rest weren't there.
        expect(says(state)).toEqual(
          says(
            read(
              events.filter((event) => !isNew(event) && !isSummary(event)),
              OLDER,
            ),
          ),
        );
      }),
    );
  });

  test("who claims version 99 changes nothing that is said, and is named", () => {
    fc.assert(
      fc.property(mixed(true), ({ events }) => {
        const claims = (event: LogInput) => (event.content as { v: number }).v === 99;
        for (const rules of [OLDER, NEWER]) {
          const state = read(events, rules);
          expect(says(state)).toEqual(
            says(
              read(
                events.filter((event) => !claims(event)),
                rules,
              ),
            ),
          );
          const only = newerBy(
            read(
              events.filter((event) => !isNewer(event)),
              rules,
            ),
          );
          expect(new Set(only)).toEqual(new Set(events.some(claims) ? [LIAR.actor.userId] : []));
        }
      }),
    );
  });

  test("nobody starts from an older one's summary past an entry that they can read", () => {
    fc.assert(
      fc.property(mixed(), fc.nat(), ({ events }, at) => {
        const cut = at % events.length;
        let late = initialRequest();
        for (const { eventId } of events.slice(0, cut)) late = markUnreadable(late, eventId, NEWER);
        const state = read(events.slice(cut), NEWER, late);
        // Once they know the request they know it as it is.
        if (state.folded && state.incomplete.length === 0 && state.unreached === undefined)
          expect(says(state)).toEqual(says(read(events, NEWER)));
      }),
    );
  });
});

const summaryOf = (state: RequestState, rules: RuleSet) => {
  const decision = decideRequest(state, { kind: "snapshot" }, DISPATCHER.actor, NOW, rules);
  return decision.ok ? (decision.entries[0] ?? expect.fail()) : expect.fail(decision.message);
};

test("[L14] a summary by an older version is compared as it folds: an honest one agrees, a false one does not", () => {
  const mixedLog = new MixedLog();
  const { log } = mixedLog;
  // One that the older version does not take for permitted, and so has no reason to stop at.
  const entry = mixedLog.writeNew(named(RESPONDER, "NEW2"), log.state().folded?.heads ?? [], {
    kind: "move",
    to: "there",
  });
  log.events[1] = { ...entry, senderPermissions: new Set<Permission>() };
  const permitted: RuleSet = {
    ...NEWER,
    entries: NEWER.entries.map((rule) =>
      rule.type === MOVED ? { ...rule, permission: "see_all_channels" as const } : rule,
    ),
  };
  log.events[1] = { ...entry, senderPermissions: new Set<Permission>(["see_all_channels"]) };
  log.decide(DISPATCHER, { kind: "edit", changes: { caller_name: "Example" } });
  const older = read(log.events, OLDER);
  expect(older.metNewer).toBe(false);
  const newer = read(log.events, permitted);
  expect([older.folded?.fields.location, newer.folded?.fields.location]).toEqual([undefined, "there"]);
  const honest = summaryOf(older, OLDER);
  const by = named(DISPATCHER, "OLD9");
  const told = read([log.sealed(by, honest, older.folded?.heads ?? [])], permitted, newer);
  expect(told.incomplete).toEqual([]);
  expect(told.folded?.fields.location).toBe("there");
  const payload = honest.payload as { state: FoldedRequest };
  const lie = { ...honest, payload: { ...payload, state: { ...payload.state, hand_status: "finished" } } };
  const caught = read([log.copy().sealed(by, lie as never, [])], permitted, newer);
  expect(accused(caught)).toEqual([by.actor.userId]);
});

test("[L15] a summary by a newer version is started from, shown as such, and not passed on", () => {
  const { log } = new MixedLog();
  const state = read(log.events, NEWER);
  const event = log.sealed(named(DISPATCHER, "NEW1"), summaryOf(state, NEWER), state.folded?.heads ?? []);
  expect((event.content as { rules: number }).rules).toBe(NEXT);
  const told = read([event], OLDER);
  expect(told.folded?.fields.description).toBe("Help");
  expect(newerBy(told)).toEqual([DISPATCHER.actor.userId]);
  expect(decideRequest(told, { kind: "snapshot" }, DISPATCHER.actor, NOW).ok).toBe(false);
});

test("[L15] a newer entry of somebody who may write none is refused, and nobody stops for it", () => {
  const mixedLog = new MixedLog();
  const { log } = mixedLog;
  mixedLog.writeNew(STRANGER, [], { kind: "move", to: "there" });
  mixedLog.writeNew(STRANGER, [], { kind: "edit2", to: "there" });
  const state = read(log.events, OLDER);
  expect([state.metNewer, state.incomplete]).toEqual([false, []]);
});

test("[L9] what its version does not know is hashed with it, and changes nothing that is said", () => {
  const { log } = new MixedLog();
  const event = log.sealed(
    RESPONDER,
    { type: "org.hearth.request.status", payload: { status: "on_site" } },
    [],
  );
  const more = { ...event, content: { ...(event.content as object), later: "word" } };
  const [plain, extended] = [event, more].map((one) => read([...log.events, one], OLDER));
  expect(extended?.folded).toEqual(plain?.folded);
  expect(extended?.chain).not.toBe(plain?.chain);
  expect(extended?.chain).toBe(read([...log.events, more], NEWER).chain);
});

test("[L4] what is nested a thousand deep, or too long for an event, is malformed", () => {
  const { log } = new MixedLog();
  let deep: unknown = "word";
  for (let i = 0; i < 1000; i += 1) deep = i % 2 ? [deep] : { deep };
  for (const more of [deep, "x".repeat(70_000), Array.from({ length: 70_000 }, () => 0)]) {
    const content = {
      v: 1,
      id: "B".repeat(22),
      device: "R1",
      seq: 1,
      at: 1 as Instant,
      heads: [],
      status: null,
    };
    const event = {
      ...log.event(RESPONDER, "org.hearth.request.status", content),
      content: { ...content, more },
    };
    const state = read([...log.events, event], OLDER);
    expect(state.history.at(-1)?.what).toMatchObject({ kind: "refused", reason: "malformed" });
    expect(state.folded).toEqual(log.state().folded);
    const changes = { location: deep } as never;
    expect(decideRequest(state, { kind: "edit", changes }, DISPATCHER.actor, NOW).ok).toBe(false);
  }
  expect(log.events[0]?.eventId satisfies EventId | undefined).toBeDefined();
});
