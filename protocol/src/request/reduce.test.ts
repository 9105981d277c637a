import fc from "fast-check";
import { expect, test, vi } from "vitest";
import type { DeviceId, LogEntryId } from "../ids.ts";
import { RequestChanges } from "./fields.ts";
import type { LogInput, RequestCommand } from "./model.ts";
import { foldRequest, initialRequest, isRequestLogType, reduceRequest, statusOf } from "./reduce.ts";
import {
  changes,
  DISPATCHER,
  DISPATCHERS_PHONE,
  history,
  idOf,
  Log,
  opened,
  plainHistory,
  refusals,
  RESPONDER,
  says,
  STRANGER,
} from "./testing/history.ts";

// Many generated histories: a busy machine may take its time.
vi.setConfig({ testTimeout: 60_000 });

const LOG_TYPES = ["opened", "edited", "status", "closed", "reopened", "snapshot", "notified"].map(
  (name) => `org.hearth.request.${name}`,
);
function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const member of Object.values(value)) deepFreeze(member);
  }
  return value;
}

test("[L2] one by one, in any batches and with repeated deliveries: the same state on every device", () => {
  fc.assert(
    fc.property(history, fc.infiniteStream(fc.nat({ max: 6 })), (log, sizes) => {
      const oneByOne = log.events.reduce(reduceRequest, initialRequest());
      let inBatches = initialRequest();
      for (let at = 0; at < log.events.length;) {
        const size = 1 + (sizes.next().value as number);
        const again = Math.max(0, at - (sizes.next().value as number));
        inBatches = foldRequest(inBatches, log.events.slice(again, at + size));
        at += size;
      }
      expect(inBatches).toEqual(oneByOne);
      expect(foldRequest(oneByOne, log.events)).toEqual(oneByOne);
    }),
  );
});

test("[L2] folding changes no earlier state in place", () => {
  fc.assert(
    fc.property(history, (log) => {
      let state = initialRequest();
      for (const event of log.events) {
        const before = { ...state, seen: new Set(state.seen), tail: [...state.tail] };
        deepFreeze(state);
        const next = reduceRequest(state, event);
        expect(state).toEqual(before);
        state = next;
      }
    }),
    { numRuns: 30 },
  );
});

test("[L2][L11] a log of which nothing is missing is complete, and holds no mismatch", () => {
  fc.assert(
    fc.property(history, (log) => {
      expect(log.state().incomplete).toEqual([]);
    }),
  );
});

test("[L2][L4] whatever arrives, nothing throws, and what is no entry changes nothing but the history", () => {
  const content = fc.oneof(
    fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withSparseArray: true,
    }),
    fc.record(
      {
        v: fc.oneof(fc.constant(1), fc.constant(2), fc.anything()),
        id: fc.oneof(fc.constant("A".repeat(22)), fc.anything()),
        device: fc.oneof(fc.constant("S1"), fc.anything()),
        seq: fc.oneof(fc.nat(), fc.anything()),
        at: fc.oneof(fc.nat(), fc.anything()),
        heads: fc.oneof(fc.constant([]), fc.anything()),
        changes: fc.anything(),
        fields: fc.anything(),
        status: fc.anything(),
        state: fc.anything(),
      },
      { requiredKeys: [] },
    ),
  );
  fc.assert(
    fc.property(
      plainHistory,
      fc.array(fc.tuple(fc.oneof(fc.constantFrom(...LOG_TYPES), fc.string()), content), { minLength: 1 }),
      (log, noise) => {
        const before = log.state();
        for (const start of [initialRequest(), before]) {
          const inputs = noise.map(([type, value], i): LogInput => ({
            ...log.event(STRANGER, type, 0),
            content: value,
            serverTs: i,
          }));
          const after = foldRequest(start, inputs);
          expect(says(after)).toEqual(says(start));
          expect(refusals(after).slice(refusals(start).length)).toHaveLength(inputs.length);
        }
      },
    ),
  );
});

test("[L2] content that throws when it is looked at is malformed", () => {
  const trap = new Proxy({}, { get: () => expect.fail("looked"), ownKeys: () => expect.fail("looked") });
  const log = opened();
  const state = reduceRequest(log.state(), {
    ...log.event(DISPATCHER, LOG_TYPES[1] ?? "", 0),
    content: trap,
  });
  expect(refusals(state).map(([, reason]) => reason)).toEqual(["malformed"]);
});

test("[L4][L6] what is not permitted, not valid or repeated changes nothing that is said, and is visible", () => {
  const kinds = ["unpermitted", "malformed", "replay", "newer"] as const;
  fc.assert(
    fc.property(
      history,
      fc.array(fc.tuple(fc.nat(), fc.constantFrom(...kinds), changes), { minLength: 1, maxLength: 8 }),
      (made, noise) => {
        const log = made.copy();
        const events = [...log.events];
        const added = new Set<string>();
        for (const [place, kind, change] of noise) {
          const at = 1 + (place % events.length);
          const earlier = events[place % at] ?? expect.fail("an empty log");
          const edit = log.sealed(
            STRANGER,
            { type: "org.hearth.request.edited", payload: { changes: change } },
            [],
          );
          const bad = {
            unpermitted: edit,
            malformed: { ...edit, content: { ...(edit.content as object), changes: { description: null } } },
            newer: { ...edit, content: { ...(edit.content as object), v: 2 } },
            replay: { ...earlier, eventId: edit.eventId },
          }[kind];
          added.add(bad.eventId);
          events.splice(at, 0, bad);
        }
        const noisy = foldRequest(initialRequest(), events);
        expect(says(noisy)).toEqual(says(log.state()));
        for (const eventId of added)
          expect(noisy.history.find((item) => item.eventId === eventId)?.what.kind).toBe("refused");
      },
    ),
  );
});

test.each([
  ["open", DISPATCHER, RESPONDER],
  ["edit", RESPONDER, STRANGER],
  ["set_status", RESPONDER, STRANGER],
  ["snapshot", RESPONDER, STRANGER],
  ["close", DISPATCHER, RESPONDER],
  ["reopen", DISPATCHER, RESPONDER],
] as const)("[L6] %s is for those who are permitted as of the event", (kind, may, mayNot) => {
  const commands: Record<typeof kind, RequestCommand> = {
    open: { kind: "open", displayId: "1123-K7Q", fields: { description: "Help" } },
    edit: { kind: "edit", changes: { location: "here" } },
    set_status: { kind: "set_status", status: "on_site" },
    snapshot: { kind: "snapshot" },
    close: { kind: "close" },
    reopen: { kind: "reopen" },
  };
  const log = kind === "open" ? new Log() : opened();
  if (kind === "reopen") log.decide(DISPATCHER, { kind: "close" });
  const before = log.state();
  expect(log.decide(may, commands[kind])).toHaveLength(1);
  const event = log.events.at(-1) ?? expect.fail("nothing was sent");
  expect(refusals(reduceRequest(before, event))).toEqual([]);
  const without = { ...event, senderPermissions: mayNot.actor.permissions };
  const refused = reduceRequest(before, without);
  expect(refusals(refused)).toEqual([[event.eventId, "not_permitted"]]);
  expect(says(refused)).toEqual(says(before));
});

test("[L3] an envelope that names another device than the decryption does is malformed", () => {
  const log = opened();
  const event = log.sealed(
    RESPONDER,
    { type: "org.hearth.request.status", payload: { status: "on_site" } },
    [],
  );
  const forged = reduceRequest(log.state(), { ...event, senderDevice: DISPATCHER.device });
  expect(refusals(forged)).toEqual([[event.eventId, "malformed"]]);
  expect(forged.folded).toEqual(log.state().folded);
  const { senderDevice: _, ...unknown } = event;
  expect(reduceRequest(log.state(), unknown).folded?.hand_status).toBe("on_site");
});

test("[L4][L8] the state forbids: opened twice, edits when closed, reopened when open, anything before the opening", () => {
  const log = opened();
  const edit = { type: "org.hearth.request.edited", payload: { changes: { location: "x" } } } as const;
  const early = log.sealed(RESPONDER, edit, []);
  expect(refusals(reduceRequest(initialRequest(), early))).toEqual([[early.eventId, "not_open_yet"]]);

  log.append(log.sealed(DISPATCHER, { type: "org.hearth.request.reopened", payload: {} }, []));
  log.decide(RESPONDER, { kind: "set_status", status: "on_site" });
  log.decide(DISPATCHER, { kind: "close", outcome: "Done" });
  log.append(log.sealed(RESPONDER, edit, []));
  log.append(log.sealed(DISPATCHER, { type: "org.hearth.request.closed", payload: {} }, []));
  log.append({ ...(log.events[0] as LogInput), ...log.sealed(DISPATCHER, openEntry, []) });
  expect(refusals(log.state()).map(([, reason]) => reason)).toEqual([
    "not_closed",
    "closed",
    "closed",
    "already_open",
  ]);
  expect(statusOf(log.state())).toBe("closed");
  log.decide(DISPATCHER, { kind: "reopen" });
  expect(statusOf(log.state())).toBe("on_site");
  expect(log.state().folded?.closed).toBeNull();
});

const statusEntry = { type: "org.hearth.request.status", payload: { status: "on_site" } } as const;
const openEntry = {
  type: "org.hearth.request.opened",
  payload: { display_id: "1123-K7Q", fields: { description: "Another" } },
} as const;

test("[L4] an entry of a future version, or of a type yet unknown, is shown as newer", () => {
  const log = opened();
  const envelope = { v: 1, id: "B".repeat(22), device: "R1", seq: 1, at: 1, heads: [] };
  const unknown = log.event(RESPONDER, "org.hearth.request.notified", { ...envelope, people: [] });
  const builtOn = log.sealed({ ...RESPONDER, device: "R2" as DeviceId }, statusEntry, [
    envelope.id as LogEntryId,
  ]);
  // Nothing is missing; only what it says is not known here.
  expect(foldRequest(log.state(), [unknown, builtOn]).incomplete).toEqual([
    { kind: "newer_version", eventId: unknown.eventId, author: RESPONDER.actor.userId },
  ]);
  expect(foldRequest(log.state(), [builtOn]).incomplete).toHaveLength(1);
  const newer = log.event(RESPONDER, "org.hearth.request.edited", { v: 7, whatever: true });
  expect(isRequestLogType(unknown.type)).toBe(true);
  const state = foldRequest(log.state(), [unknown, newer]);
  expect(refusals(state)).toEqual([
    [unknown.eventId, "newer_version"],
    [newer.eventId, "newer_version"],
  ]);
  expect(isRequestLogType("m.room.message")).toBe(false);
});

test("[L5] the same ciphertext under a new event id does nothing", () => {
  const log = opened();
  log.decide(RESPONDER, { kind: "edit", changes: { location: "first" } });
  const first = log.events.at(-1) ?? expect.fail("nothing was sent");
  log.decide(RESPONDER, { kind: "edit", changes: { location: "second" } });
  const state = reduceRequest(log.state(), { ...first, eventId: log.event(RESPONDER, "x", 0).eventId });
  expect(state.folded).toEqual(log.state().folded);
  expect(refusals(state).map(([, reason]) => reason)).toEqual(["repeated"]);
});

test("[L5] an id that was folded before is repeated, under a higher counter too, and the counter goes on", () => {
  const log = opened();
  log.decide(RESPONDER, { kind: "edit", changes: { location: "first" } });
  const status = { type: "org.hearth.request.status", payload: { status: "on_site" } } as const;
  const next = log.sealed(RESPONDER, status, []);
  const state = reduceRequest(log.state(), {
    ...next,
    content: { ...(next.content as object), id: idOf(log.events[1]) },
  });
  expect(refusals(state).map(([, reason]) => reason)).toEqual(["repeated"]);
  expect(says(state)).toEqual(says(log.state()));
  const after = reduceRequest(state, log.sealed(RESPONDER, status, []));
  expect([after.folded?.hand_status, after.incomplete]).toEqual(["on_site", []]);
});

test("[L7] concurrent edits of different fields both stay, in either order", () => {
  fc.assert(
    fc.property(changes, changes, (one, other) => {
      const mine = { type: "org.hearth.request.edited", payload: { changes: one } } as const;
      const rest = Object.fromEntries(Object.entries(other).filter(([name]) => !(name in one)));
      fc.pre(RequestChanges.safeParse(one).success && RequestChanges.safeParse(rest).success);
      const theirs = {
        type: "org.hearth.request.edited",
        payload: { changes: rest as RequestChanges },
      } as const;
      const log = opened();
      const heads = log.state().folded?.heads ?? [];
      const both = [log.sealed(RESPONDER, mine, heads), log.sealed(DISPATCHERS_PHONE, theirs, heads)];
      const forward = foldRequest(log.state(), both);
      const backward = foldRequest(log.state(), both.toReversed());
      expect(forward.folded?.fields).toEqual(backward.folded?.fields);
      for (const [name, value] of Object.entries({ ...one, ...rest }))
        expect(forward.folded?.fields[name as "location"]).toEqual(
          value === null
            ? undefined
            : typeof value === "string" && name === "description"
              ? value.trim()
              : value,
        );
    }),
  );
});

test("[L7] fields that this version does not know are dropped, and the description can't be emptied", () => {
  const log = opened();
  const send = (wanted: unknown) => {
    const type = "org.hearth.request.edited" as const;
    return log.sealed(RESPONDER, { type, payload: { changes: wanted as RequestChanges } }, []);
  };
  const state = foldRequest(log.state(), [
    send({ location: "here", mood: "odd", __proto__: { polluted: true } }),
    send({ description: null }),
    send({ description: "  " }),
    send({ mood: "odd" }),
  ]);
  expect(state.folded?.fields).toEqual({ description: "Help", location: "here" });
  expect(refusals(state).map(([, reason]) => reason)).toEqual(["malformed", "malformed", "malformed"]);
});

test("[L13] the status is computed: unassigned, by hand, closed", () => {
  expect(statusOf(undefined)).toBe("unassigned");
  const log = opened();
  expect(statusOf(log.state())).toBe("unassigned");
  log.decide(RESPONDER, { kind: "set_status", status: "finished" });
  expect(statusOf(log.state().folded)).toBe("finished");
  log.decide(DISPATCHER, { kind: "close" });
  expect(statusOf(log.state())).toBe("closed");
});
