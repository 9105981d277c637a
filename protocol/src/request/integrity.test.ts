import fc from "fast-check";
import { expect, test, vi } from "vitest";
import type { LogInput, RequestState } from "./model.ts";
import { foldRequest, initialRequest, markUnreadable, reduceRequest } from "./reduce.ts";
import {
  DISPATCHER,
  DISPATCHERS_PHONE,
  idOf,
  opened,
  plainHistory,
  refusals,
  RESPONDER,
  STRANGER,
} from "./testing/history.ts";

// Many generated histories: a busy machine may take its time.
vi.setConfig({ testTimeout: 60_000 });

test("[L9] the chain is what SPEC.md says", async () => {
  const log = opened();
  const content = log.events[0]?.content as Record<string, unknown>;
  const sorted =
    `{"at":${String(content["at"])},"device":"D1","display_id":"1123-K7Q",` +
    `"fields":{"description":"Help"},"heads":[],"id":"${String(content["id"])}","seq":1,"v":1}`;
  const bytes = new TextEncoder().encode(`${"A".repeat(43)}\n${String(content["id"])}\n${sorted}`);
  const digest = Buffer.from(await crypto.subtle.digest("SHA-256", bytes)).toString("base64url");
  expect(initialRequest().chain).toBe("A".repeat(43));
  expect(log.state().chain).toBe(digest);
});

test("[L9] what a server adds beside the entry's own fields does not move the chain", () => {
  const log = opened();
  const [first] = log.events;
  const event = first ?? expect.fail("nothing was sent");
  const relation = {
    ...event,
    content: { ...(event.content as object), "m.relates_to": { event_id: "$x" } },
  };
  expect(foldRequest(initialRequest(), [relation]).chain).toBe(log.state().chain);
});

test("[L10] a refused entry advances its device's counter, so that the next one shows no gap", () => {
  const log = opened();
  log.append(log.sealed(RESPONDER, { type: "org.hearth.request.closed", payload: {} }, []));
  log.decide(RESPONDER, { kind: "set_status", status: "on_site" });
  expect(refusals(log.state()).map(([, reason]) => reason)).toEqual(["not_permitted"]);
  expect(log.state().incomplete).toEqual([]);
});

test("[L10] strangers can't fill the counters", () => {
  const log = opened();
  for (let i = 0; i < 300; i += 1) {
    const stranger = { ...STRANGER, device: `S${i}` as typeof STRANGER.device };
    log.append(log.sealed(stranger, { type: "org.hearth.request.reopened", payload: {} }, []));
  }
  expect(Object.keys(log.state().folded?.counters ?? {})).toHaveLength(200);
  log.decide(RESPONDER, { kind: "set_status", status: "on_site" });
  expect(Object.keys(log.state().folded?.counters ?? {})).toHaveLength(201);
});

test("[L11] an entry that is held back is missed, and when it comes it is out of order", () => {
  const log = opened();
  log.decide(RESPONDER, { kind: "edit", changes: { location: "here" } });
  log.decide(DISPATCHER, { kind: "set_status", status: "on_site" });
  const [first, held, last] = log.events as [LogInput, LogInput, LogInput];
  const without = foldRequest(initialRequest(), [first, last]);
  expect(without.incomplete).toEqual([
    { kind: "missing_entry", entryId: (held.content as { id: string }).id },
  ]);
  const late = reduceRequest(without, held);
  expect(late.incomplete).toEqual([{ kind: "out_of_order", entryId: (held.content as { id: string }).id }]);
  expect(late.folded?.fields.location).toBe("here");
});

test("[L11] in any history, an entry moved behind one that builds on it leaves the request incomplete, or is refused", () => {
  fc.assert(
    fc.property(plainHistory, fc.nat(), fc.nat(), (log, which, far) => {
      fc.pre(log.events.length > 2);
      const from = 1 + (which % (log.events.length - 2));
      const moved = log.events[from] ?? expect.fail("out of range");
      const id = (moved.content as { id: string }).id;
      const rest = log.events.toSpliced(from, 1);
      const to = from + 1 + (far % (rest.length - from));
      const accepted = (state: RequestState, eventId: string) =>
        state.history.some((item) => item.eventId === eventId && item.what.kind !== "refused");
      const before = foldRequest(initialRequest(), log.events);
      const state = foldRequest(initialRequest(), rest.toSpliced(to, 0, moved));
      // One that both orders accept, and that had seen what now comes after it.
      const built = rest
        .slice(from, to)
        .some(
          (event) =>
            accepted(before, event.eventId) &&
            accepted(state, event.eventId) &&
            (event.content as { heads: string[] }).heads.includes(id),
        );
      fc.pre(built);
      expect(state.incomplete.length > 0 || !accepted(state, moved.eventId)).toBe(true);
    }),
  );
});

test("[L11] a gap in a device's counter shows", () => {
  const log = opened();
  log.decide(RESPONDER, { kind: "edit", changes: { location: "here" } });
  log.sealed(RESPONDER, { type: "org.hearth.request.status", payload: { status: "on_site" } }, []);
  log.decide(RESPONDER, { kind: "set_status", status: "finished" });
  expect(log.state().incomplete).toEqual([
    { kind: "counter_gap", device: "@responder:x|R1", after: 1, got: 3 },
  ]);
});

test("[L11] in any history, an entry that is left out and that others built on leaves the request incomplete", () => {
  fc.assert(
    fc.property(plainHistory, fc.nat(), (log, which) => {
      fc.pre(log.events.length > 1);
      const left = 1 + (which % (log.events.length - 1));
      const gone = log.events[left] ?? expect.fail("out of range");
      const id = (gone.content as { id: string }).id;
      const state = foldRequest(initialRequest(), log.events.toSpliced(left, 1));
      const accepted = new Set(
        state.history.filter(({ what }) => what.kind !== "refused").map(({ eventId }) => eventId),
      );
      const built = log.events.some(
        (event) =>
          accepted.has(event.eventId) &&
          event !== log.events[0] &&
          ((event.content as { heads: string[] }).heads.includes(id) ||
            (event.senderDevice === gone.senderDevice && log.events.indexOf(event) > left)),
      );
      fc.pre(built);
      expect(state.incomplete).not.toEqual([]);
    }),
  );
});

test("[L11] an event that can't be decrypted shows, until all is folded anew", () => {
  const log = opened();
  log.decide(RESPONDER, { kind: "edit", changes: { location: "here" } });
  const [first, second] = log.events as [LogInput, LogInput];
  const state = markUnreadable(reduceRequest(initialRequest(), first), second.eventId);
  expect(state.incomplete).toEqual([{ kind: "unreadable", eventId: second.eventId }]);
  expect(markUnreadable(state, second.eventId)).toEqual(state);
  expect(log.state().incomplete).toEqual([]);
});

test("[L12] heads are the entries that no later one has seen", () => {
  const log = opened();
  const heads = log.state().folded?.heads ?? [];
  const status = { type: "org.hearth.request.status", payload: { status: "on_site" } } as const;
  log.append(log.sealed(RESPONDER, status, heads));
  log.append(log.sealed(DISPATCHERS_PHONE, status, heads));
  expect(log.state().folded?.heads).toHaveLength(2);
  log.decide(DISPATCHER, { kind: "close" });
  expect(log.state().folded?.heads).toEqual([idOf(log.events.at(-1))]);
});
