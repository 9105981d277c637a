import fc from "fast-check";
import { expect, test, vi } from "vitest";
import type { EventId } from "../ids.ts";
import { decideRequest } from "./decide.ts";
import type { Snapshot } from "./events/snapshot.ts";
import type { FoldedRequest } from "./folded.ts";
import type { LogInput, NewEntry, RequestState } from "./model.ts";
import { foldRequest, initialRequest, markUnreadable, reduceRequest } from "./reduce.ts";
import { RULES } from "./rules.ts";
import { DISPATCHER, history, Log, NOW, plainHistory, RESPONDER, type Device } from "./testing/history.ts";
import type { DeviceId } from "../ids.ts";

// Many generated histories: a busy machine may take its time.
vi.setConfig({ testTimeout: 60_000 });

const SNAPPER: Device = { ...DISPATCHER, device: "NEW" as DeviceId };
const entryOf = (state: RequestState): NewEntry => {
  const decision = decideRequest(state, { kind: "snapshot" }, SNAPPER.actor, NOW);
  return decision.ok ? (decision.entries[0] ?? expect.fail("no entry")) : expect.fail(decision.message);
};
const core = ({ folded, chain, lastEventId }: RequestState) => ({ folded, chain, lastEventId });
/** Puts a snapshot of what was folded up to `cut` into a log at `place`, as a device does that saw no more. */
function withSnapshot(log: Log, cut: number, place: number): { events: LogInput[]; snapshot: LogInput } {
  const state = log.state(cut);
  const snapshot = log.copy().sealed(SNAPPER, entryOf(state), state.folded?.heads ?? []);
  return { events: log.events.toSpliced(place, 0, snapshot), snapshot };
}
const places = (log: Log, a: number, b: number): [cut: number, place: number] => {
  const cut = 1 + (a % log.events.length);
  return [cut, cut + (b % (log.events.length - cut + 1))];
};

test("[S1] a snapshot survives JSON, and is the state after its last event", () => {
  fc.assert(
    fc.property(history, (log) => {
      const state = log.state();
      const { payload } = entryOf(state) as Extract<NewEntry, { type: typeof Snapshot.type }>;
      expect(JSON.parse(JSON.stringify(payload))).toEqual(payload);
      expect(payload).toEqual({
        ...(RULES.version > 1 ? { rules: RULES.version } : {}),
        up_to: state.lastEventId,
        chain: state.chain,
        state: state.folded,
      });
      const folded = state.history.filter(({ what }) => what.kind !== "refused" && what.kind !== "snapshot");
      expect(payload.state.count).toBe(folded.length);
    }),
  );
});

test("[S3] starting from a snapshot, wherever it was cut, gives what folding from the beginning gives", () => {
  fc.assert(
    fc.property(plainHistory, fc.nat(), fc.nat(), fc.boolean(), (log, a, b, fetchedUpTo) => {
      const [cut, place] = places(log, a, b);
      const { events } = withSnapshot(log, cut, place);
      const all = foldRequest(initialRequest(), events);
      // Either the fetch began right after what the snapshot covers, or its events are there and unreadable.
      let told = initialRequest();
      if (fetchedUpTo) for (const event of events.slice(0, cut)) told = markUnreadable(told, event.eventId);
      told = foldRequest(told, events.slice(cut));
      expect(core(told)).toEqual(core(all));
      expect(told.incomplete).toEqual([]);
      expect(all.incomplete).toEqual([]);
      expect([all.toldBy, told.toldBy]).toEqual([undefined, SNAPPER.actor.userId]);
    }),
  );
});

test("[S3][S5] so it is when only some older entries can be read, and other snapshots among them", () => {
  fc.assert(
    fc.property(history, fc.nat(), fc.infiniteStream(fc.boolean()), ({ events }, which, lost) => {
      const snapshots = events.filter(({ type }) => type === "org.hearth.request.snapshot");
      fc.pre(snapshots.length > 0);
      const chosen = snapshots[which % snapshots.length] ?? expect.fail("out of range");
      const { up_to } = chosen.content as { up_to: string };
      const cut = events.findIndex(({ eventId }) => eventId === up_to) + 1;
      const all = foldRequest(initialRequest(), events);
      let told = initialRequest();
      for (const [i, event] of events.entries())
        told =
          i < cut && lost.next().value === true
            ? markUnreadable(told, event.eventId)
            : reduceRequest(told, event);
      expect(core(told)).toEqual(core(all));
      expect(told.incomplete).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test("[S2] what came between `up_to` and the snapshot is folded after it, and history shows both", () => {
  const log = new Log();
  log.decide(DISPATCHER, { kind: "open", displayId: "1123-K7Q", fields: { description: "Help" } });
  log.decide(RESPONDER, { kind: "edit", changes: { location: "here" } });
  log.decide(RESPONDER, { kind: "set_status", status: "on_site" });
  const { events } = withSnapshot(log, 2, 3);
  const [first, ...rest] = events as [LogInput, ...LogInput[]];
  const told = foldRequest(markUnreadable(initialRequest(), first.eventId), rest);
  expect(told.folded?.hand_status).toBe("on_site");
  expect(told.unreached).toBeUndefined();
  expect(told.history.map(({ what }) => what.kind)).toEqual(["edited", "status", "snapshot"]);
});

test("[S2] without `up_to` at hand, the counters tell what the snapshot covers", () => {
  const log = new Log();
  log.decide(DISPATCHER, { kind: "open", displayId: "1123-K7Q", fields: { description: "Help" } });
  log.decide(RESPONDER, { kind: "edit", changes: { location: "here" } });
  const other = { ...RESPONDER, device: "R2" as DeviceId };
  log.decide(other, { kind: "edit", changes: { location: "there" } });
  const { events, snapshot } = withSnapshot(log, 3, 3);
  const content = { ...(snapshot.content as object), up_to: "$unknown" };
  const told = foldRequest(initialRequest(), [events[1] as LogInput, { ...snapshot, content }]);
  expect(told.folded?.fields.location).toBe("there");
  expect(told.unreached).toBe("$unknown");
  expect(told.history.map(({ what }) => what.kind)).toEqual(["edited", "snapshot"]);
});

test("[S2][L5] what a snapshot covers is repeated when it comes again under a new event id", () => {
  const log = new Log();
  log.decide(DISPATCHER, { kind: "open", displayId: "1123-K7Q", fields: { description: "Help" } });
  log.decide(RESPONDER, { kind: "set_status", status: "on_site" });
  log.decide(RESPONDER, { kind: "set_status", status: "finished" });
  const { snapshot } = withSnapshot(log, 3, 3);
  const told = reduceRequest(initialRequest(), snapshot);
  for (const old of log.events) {
    const again = reduceRequest(told, { ...old, eventId: "$again" as EventId });
    expect(again.history.at(-1)?.what).toMatchObject({ kind: "refused", reason: "repeated" });
    expect(again.folded).toEqual(told.folded);
  }
});

test("[S1] a snapshot moves what a later one refers to, even if it lies about its own device's counter", () => {
  const log = new Log();
  log.decide(DISPATCHER, { kind: "open", displayId: "1123-K7Q", fields: { description: "Help" } });
  const { snapshot } = withSnapshot(log, 1, 1);
  const content = snapshot.content as { state: FoldedRequest };
  const counters = { ...content.state.counters, "@dispatcher:x|NEW": 7 };
  const lie = { ...snapshot, content: { ...content, state: { ...content.state, counters } } };
  expect(reduceRequest(initialRequest(), lie).lastEventId).toBe(snapshot.eventId);
});

test("[S4] a snapshot that tells another story is shown with its author, and changes nothing that is said", () => {
  const log = new Log();
  log.decide(DISPATCHER, { kind: "open", displayId: "1123-K7Q", fields: { description: "Help" } });
  const honest = entryOf(log.state()) as Extract<NewEntry, { type: typeof Snapshot.type }>;
  const fields = { description: "Something else" };
  const lie = { ...honest, payload: { ...honest.payload, state: { ...honest.payload.state, fields } } };
  const event = log.append(log.sealed(RESPONDER, lie, log.state().folded?.heads ?? []));
  const state = log.state();
  expect(state.folded?.fields).toEqual({ description: "Help" });
  expect(state.incomplete).toEqual([
    { kind: "snapshot_mismatch", eventId: event.eventId, author: RESPONDER.actor.userId },
  ]);
  expect(state.history.at(-1)?.what).toMatchObject({ kind: "refused", reason: "snapshot_mismatch" });
  // The lie counts for nothing later either.
  log.decide(DISPATCHER, { kind: "close" });
  expect(log.state().folded?.closed).not.toBeNull();
  expect(log.state().incomplete).toHaveLength(1);
});

test("[S4] another chain under the same fields is a mismatch too", () => {
  const log = new Log();
  log.decide(DISPATCHER, { kind: "open", displayId: "1123-K7Q", fields: { description: "Help" } });
  const honest = entryOf(log.state()) as Extract<NewEntry, { type: typeof Snapshot.type }>;
  const lie = { ...honest, payload: { ...honest.payload, chain: "B".repeat(43) } };
  log.append(log.sealed(RESPONDER, lie, []));
  expect(log.state().incomplete).toMatchObject([{ kind: "snapshot_mismatch" }]);
});

test("[S4] a snapshot of a state that is not known here proves nothing", () => {
  const log = new Log();
  log.decide(DISPATCHER, { kind: "open", displayId: "1123-K7Q", fields: { description: "Help" } });
  const honest = entryOf(log.state()) as Extract<NewEntry, { type: typeof Snapshot.type }>;
  const lie = {
    ...honest,
    payload: { ...honest.payload, up_to: "$elsewhere" as EventId, chain: "B".repeat(43) },
  };
  log.append(log.sealed(RESPONDER, lie, []));
  expect(log.state().incomplete).toEqual([]);
  expect(log.state().chain).toBe(log.state(1).chain);
});

test("[S5] who misses an entry goes on from the next snapshot, as told by its author", () => {
  const log = new Log();
  log.decide(DISPATCHER, { kind: "open", displayId: "1123-K7Q", fields: { description: "Help" } });
  log.decide(RESPONDER, { kind: "edit", changes: { location: "here" } });
  log.decide(DISPATCHER, { kind: "set_status", status: "on_site" });
  const { events } = withSnapshot(log, 3, 3);
  const [first, second, third, snapshot] = events as [LogInput, LogInput, LogInput, LogInput];
  let state = reduceRequest(initialRequest(), first);
  state = reduceRequest(markUnreadable(state, second.eventId), third);
  expect(state.incomplete.map(({ kind }) => kind)).toEqual(["unreadable", "missing_entry"]);
  state = reduceRequest(state, snapshot);
  expect(state.incomplete).toEqual([]);
  expect(state.folded?.fields.location).toBe("here");
  expect(state.toldBy).toBe(SNAPPER.actor.userId);
});

test("[S5] a snapshot that agrees vouches for what is unreadable, and the state stays one's own", () => {
  const log = new Log();
  log.decide(DISPATCHER, { kind: "open", displayId: "1123-K7Q", fields: { description: "Help" } });
  const chat = markUnreadable(log.state(), "$chat" as EventId);
  log.decide(RESPONDER, { kind: "snapshot" });
  const state = reduceRequest(chat, log.events[1] ?? expect.fail("no snapshot"));
  expect([state.toldBy, state.folded]).toEqual([undefined, log.state().folded]);
});

test("[S5] a snapshot does not vouch for what came before the opening", () => {
  const log = new Log();
  const edit = { type: "org.hearth.request.edited", payload: { changes: { location: "early" } } } as const;
  const early = log.append(log.sealed(RESPONDER, edit, []));
  log.decide(DISPATCHER, { kind: "open", displayId: "1123-K7Q", fields: { description: "Help" } }, 1);
  log.decide(RESPONDER, { kind: "set_status", status: "on_site" });
  log.decide(DISPATCHER, { kind: "snapshot" });
  expect(log.state().history.find(({ eventId }) => eventId === early.eventId)?.what).toMatchObject({
    kind: "refused",
    reason: "not_open_yet",
  });
});

test("[S5] snapshots that lag behind an unreadable entry don't hide that it is missing", () => {
  const log = new Log();
  log.decide(DISPATCHER, { kind: "open", displayId: "1123-K7Q", fields: { description: "Help" } });
  log.decide(DISPATCHER, { kind: "snapshot" });
  log.decide(DISPATCHER, { kind: "edit", changes: { location: "here" } });
  log.decide(RESPONDER, { kind: "snapshot" }, 2);
  const [first, second, third, fourth] = log.events as [LogInput, LogInput, LogInput, LogInput];
  let state = markUnreadable(foldRequest(initialRequest(), [first, second]), third.eventId);
  state = reduceRequest(state, fourth);
  expect(fourth.content).toMatchObject({ up_to: first.eventId });
  expect(state.incomplete).toEqual([{ kind: "unreadable", eventId: third.eventId }]);
  log.decide(DISPATCHER, { kind: "snapshot" });
  state = reduceRequest(state, log.events[4] ?? expect.fail("no snapshot"));
  expect([core(state), state.incomplete]).toEqual([core(log.state()), []]);
});

test("[S6] after a start from a snapshot, a head is missing only if its writer had seen the snapshot", () => {
  const log = new Log();
  log.decide(DISPATCHER, { kind: "open", displayId: "1123-K7Q", fields: { description: "Help" } });
  const old = log.state().folded?.heads ?? [];
  log.decide(DISPATCHER, { kind: "edit", changes: { location: "here" } });
  const { snapshot } = withSnapshot(log, 2, 2);
  const told = reduceRequest(initialRequest(), snapshot);
  const status = { type: "org.hearth.request.status", payload: { status: "on_site" } } as const;
  // Its writer had seen the opening and nothing else: the snapshot covers that.
  expect(reduceRequest(told, log.sealed(RESPONDER, status, old)).incomplete).toEqual([]);
  const strange = [...(told.folded?.heads ?? []), "Z".repeat(22)] as typeof old;
  const other = { ...RESPONDER, device: "R2" as DeviceId };
  expect(reduceRequest(told, log.sealed(other, status, strange)).incomplete).toEqual([
    { kind: "missing_entry", entryId: "Z".repeat(22) },
  ]);
  // Who built on an entry whose writer had seen it has seen it too.
  const heads = told.folded?.heads ?? [];
  const [one, two] = [
    { ...RESPONDER, device: "R3" as DeviceId },
    { ...RESPONDER, device: "R4" as DeviceId },
  ];
  const next = reduceRequest(told, log.sealed(one, status, heads));
  const builtOn = [...(next.folded?.heads ?? []), "Y".repeat(22)] as typeof old;
  expect(next.folded?.heads).not.toEqual(heads);
  expect(reduceRequest(next, log.sealed(two, status, builtOn)).incomplete).toEqual([
    { kind: "missing_entry", entryId: "Y".repeat(22) },
  ]);
});
