import fc from "fast-check";
import { expect, test, vi } from "vitest";
import type { Instant } from "../ids.ts";
import { decideRequest, mayAsk } from "./decide.ts";
import type { RequestFields } from "./fields.ts";
import type { Decision, RequestCommand } from "./model.ts";
import { foldRequest, initialRequest, reduceRequest } from "./reduce.ts";
import {
  command,
  DISPATCHER,
  history,
  Log,
  NOW,
  RESPONDER,
  STRANGER,
  type Device,
} from "./testing/history.ts";

// Many generated histories: a busy machine may take its time.
vi.setConfig({ testTimeout: 60_000 });

const refusal = (decision: Decision) => (decision.ok ? expect.fail("was accepted") : decision);
const open = (fields: object): RequestCommand => ({
  kind: "open",
  displayId: "1123-K7Q",
  fields: fields as RequestFields,
});
const opened = () => {
  const log = new Log();
  log.decide(DISPATCHER, open({ description: "Help", location: "here" }));
  return log;
};
const ask = (log: Log, wanted: RequestCommand, by: Device = DISPATCHER) =>
  decideRequest(log.state(), wanted, by.actor, NOW);

test("[D1] what is decided is accepted, on the same state and from the same person", () => {
  const by = fc.constantFrom(DISPATCHER, RESPONDER, STRANGER);
  fc.assert(
    fc.property(history, fc.boolean(), by, command, (made, fresh, who, wanted) => {
      const log = fresh ? new Log() : made.copy();
      const before = log.state();
      const sent = log.decide(who, wanted).length;
      const after = foldRequest(before, log.events);
      expect(
        after.history.slice(before.history.length).filter(({ what }) => what.kind === "refused"),
      ).toEqual([]);
      expect(after.history).toHaveLength(before.history.length + sent);
      expect(after.incomplete).toEqual(before.incomplete);
    }),
  );
});

test("[D1] what nobody may ask is not decided, and a button says so before", () => {
  fc.assert(
    fc.property(history, fc.constantFrom(DISPATCHER, RESPONDER, STRANGER), command, (log, who, wanted) => {
      const { folded } = log.state();
      if (!folded) return;
      const decision = decideRequest(log.state(), wanted, who.actor, NOW);
      const forbidden = !decision.ok && !["invalid", "nothing_changed"].includes(decision.code);
      expect(mayAsk(folded, who.actor.permissions)[wanted.kind]).toBe(!forbidden);
    }),
  );
});

test("[D1] every refusal has a sentence", () => {
  fc.assert(
    fc.property(history, fc.constantFrom(DISPATCHER, RESPONDER, STRANGER), command, (log, who, wanted) => {
      const decision = decideRequest(log.state(), wanted, who.actor, NOW);
      if (!decision.ok) expect(decision.message).toMatch(/^[A-Z].{10,}\.$/);
    }),
  );
});

test("[D2] an edit carries only what differs, and none that changes nothing", () => {
  const log = opened();
  const decision = ask(log, {
    kind: "edit",
    changes: { location: "here", caller_name: "A. Person", pin: null },
  });
  expect(decision).toEqual({
    ok: true,
    entries: [{ type: "org.hearth.request.edited", payload: { changes: { caller_name: "A. Person" } } }],
  });
  for (const changes of [{}, { location: "here" }, { tags: null }, { description: " Help " }])
    expect(refusal(ask(log, { kind: "edit", changes })).code).toBe("nothing_changed");
  expect(refusal(ask(log, { kind: "set_status", status: null })).code).toBe("nothing_changed");
});

test("[D1] state and permission refuse with their code", () => {
  const log = opened();
  expect(refusal(ask(log, open({ description: "Again" }))).code).toBe("already_open");
  expect(refusal(ask(log, { kind: "reopen" })).code).toBe("not_closed");
  expect(refusal(ask(log, { kind: "close" }, RESPONDER)).code).toBe("not_permitted");
  expect(refusal(ask(new Log(), { kind: "close" })).code).toBe("not_open_yet");
  log.decide(DISPATCHER, { kind: "close", outcome: "  Done " });
  expect(log.state().folded?.closed?.outcome).toBe("Done");
  expect(refusal(ask(log, { kind: "close" })).code).toBe("closed");
  expect(refusal(ask(log, { kind: "edit", changes: { location: "x" } })).code).toBe("closed");
  expect(refusal(ask(log, { kind: "set_status", status: "on_site" })).code).toBe("closed");
});

test.each([
  ["an empty description", { description: "  " }, /description/],
  ["70 kB of description", { description: "x".repeat(70_000) }, /too long: at most 20,000/],
  [
    "a description whose bytes don't fit into one event",
    { description: "語".repeat(15_000) },
    /Shorten the description/,
  ],
  ["a location that is too long", { description: "x", location: "y".repeat(1001) }, /location is too long/],
  ["a pin off the globe", { description: "x", pin: { lat: 100, lon: 0 } }, /pin on the map is not valid/],
  ["a call in the future", { description: "x", call_started: NOW + 90_000_000 }, /future/],
  ["a call that ends before it starts", { description: "x", call_started: 5000, call_ended: 4000 }, /before/],
])("[D3] %s is refused with a sentence", (_, fields, sentence) => {
  const refused = refusal(decideRequest(initialRequest(), open(fields), DISPATCHER.actor, NOW));
  expect([refused.code, sentence.test(refused.message) ? sentence : refused.message]).toEqual([
    "invalid",
    sentence,
  ]);
  const { description: _d, ...changes } = fields;
  const edited = ask(opened(), { kind: "edit", changes: Object.keys(changes).length > 0 ? changes : fields });
  expect(refusal(edited).code).toMatch(/invalid|nothing/);
});

test("[D3] whatever was accepted can be passed on in a snapshot that fits into one encrypted event", () => {
  const log = new Log();
  log.decide(DISPATCHER, open({ description: "語".repeat(13_000) }));
  log.decide(RESPONDER, { kind: "edit", changes: { location: "x".repeat(900), call_started: 5 as Instant } });
  expect(refusal(ask(log, { kind: "close", outcome: "語".repeat(5000) })).message).toMatch(
    /outcome is too long/,
  );
  log.decide(DISPATCHER, { kind: "close", outcome: "Done" });
  const snapshot = ask(log, { kind: "snapshot" });
  const bytes = new TextEncoder().encode(JSON.stringify(snapshot)).length;
  expect(snapshot.ok).toBe(true);
  expect((bytes * 4) / 3).toBeLessThan(64_000);
  log.decide(DISPATCHER, { kind: "snapshot" });
  expect(log.events).toHaveLength(4);
  expect(reduceRequest(initialRequest(), log.events.at(-1) ?? expect.fail("none")).folded).toBeDefined();
});
