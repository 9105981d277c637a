import { Access, memberStateKey, MOST_LOGGED_ASKS, MOST_WAITING_ASKS } from "@hearth/protocol";
import type { AccessContent, UserId } from "@hearth/protocol";
import { describe, expect, test } from "vitest";
import type { RawEvent } from "../homeserver.ts";
import { admin, BOT, event, NOW, orgEvents, outsider, responder, situation } from "../testing/org.ts";
import { after } from "../testing/decided.ts";
import { decide } from "./decide.ts";

const other = "@second-admin:example.test" as UserId;
const request = "A".repeat(22);
const ask = { request, device: "PHONE", kind: "window", code: "new_device", from: NOW - 1000, to: NOW };
const answer = (more: object) => ({ user: responder, request, answer: "given", ...more });

function run(actor: UserId, name: string, args: unknown, events: RawEvent[] = orgEvents()) {
  return decide({ name, args, roomType: "org.hearth.org", begun: false }, situation(actor, events));
}

function logOf(events: RawEvent[], user: UserId = responder): AccessContent["asks"] {
  const found = events.find(
    ({ type, state_key }) => type === Access.type && state_key === memberStateKey(user),
  );
  return Access.schema.parse(found?.content).asks;
}

const code = (outcome: ReturnType<typeof run>) => (outcome.ok ? "done" : outcome.code);
const asked = () => after(run(responder, "access ask", ask));
const withOtherAdmin = (events: RawEvent[]): RawEvent[] => [
  ...events,
  event(
    BOT,
    "org.hearth.member",
    { v: 1, joined_at: NOW - 1000, roles: [{ role: "admin", from: NOW - 1000 }] },
    { key: memberStateKey(other) },
  ),
];

describe("[P6] the log of access", () => {
  test("an ask is logged once, and leaves an audit entry without the asker's words", () => {
    const outcome = run(responder, "access ask", { ...ask, reason: "what the caller said" });
    expect(outcome.ok && outcome.auditArgs).toEqual(ask);
    const events = after(outcome);
    expect(logOf(events)).toEqual([{ ...ask, at: NOW, state: "asked" }]);
    const again = run(responder, "access ask", ask, events);
    expect(again.ok && again.plan.effects).toEqual([]);
    expect(code(run(outsider, "access ask", ask))).toBe("not_permitted");
    expect(code(run(responder, "access ask", { ...ask, from: NOW + 1 }))).toBe("bad_arguments");
  });

  test("only an admin answers, and of two admins one", () => {
    const events = withOtherAdmin(asked());
    expect(code(run(responder, "access answer", answer({}), events))).toBe("not_permitted");
    const given = after(run(admin, "access answer", answer({ until: NOW + 5, sessions: 3 }), events), events);
    expect(logOf(given)).toMatchObject([
      { state: "given", by: admin, answered_at: NOW, until: NOW + 5, sessions: 3 },
    ]);
    expect(code(run(other, "access answer", answer({}), given))).toBe("conflict");
    expect(code(run(other, "access answer", answer({ answer: "declined" }), given))).toBe("conflict");
    // An interrupted grant goes on.
    expect(code(run(admin, "access answer", answer({}), given))).toBe("done");
    expect(code(run(admin, "access answer", answer({ request: "B".repeat(22) }), given))).toBe("not_found");
  });

  test("every admin may take a grant back; who gave it can't give it again", () => {
    const events = withOtherAdmin(asked());
    expect(code(run(admin, "access answer", answer({ answer: "revoked" }), events))).toBe("conflict");
    const given = after(run(admin, "access answer", answer({}), events), events);
    const revoked = after(run(other, "access answer", answer({ answer: "revoked" }), given), given);
    expect(logOf(revoked)).toMatchObject([{ state: "revoked", by: admin }]);
    expect(code(run(other, "access answer", answer({}), revoked))).toBe("conflict");
    expect(code(run(admin, "access answer", answer({}), revoked))).toBe("conflict");
  });

  test("an ask may be taken back as long as nobody has answered", () => {
    const withdrawn = after(run(responder, "access withdraw", { request }, asked()), asked());
    expect(logOf(withdrawn)).toMatchObject([{ state: "withdrawn" }]);
    expect(code(run(admin, "access answer", answer({}), withdrawn))).toBe("conflict");
    const events = asked();
    const given = after(run(admin, "access answer", answer({}), events), events);
    expect(code(run(responder, "access withdraw", { request }, given))).toBe("conflict");
  });

  test("nobody fills the log: few wait at a time, and the oldest answered ones go", () => {
    let events = orgEvents();
    const id = (i: number) => String(i).padStart(22, "0");
    for (let i = 0; i < MOST_WAITING_ASKS; i += 1)
      events = after(run(responder, "access ask", { ...ask, request: id(i) }, events), events);
    expect(code(run(responder, "access ask", { ...ask, request: id(99) }, events))).toBe("conflict");
    for (let i = 0; i < MOST_LOGGED_ASKS + 5; i += 1) {
      events = after(run(responder, "access withdraw", { request: id(i) }, events), events);
      events = after(
        run(responder, "access ask", { ...ask, request: id(i + MOST_WAITING_ASKS) }, events),
        events,
      );
    }
    expect(logOf(events)).toHaveLength(MOST_LOGGED_ASKS);
    expect(logOf(events).filter(({ state }) => state === "asked")).toHaveLength(MOST_WAITING_ASKS);
  });

  test("files are deleted for an admin only, and as theirs", () => {
    const media = ["mxc://hearth.localhost/abc"];
    expect(code(run(responder, "access clean", { request, media }))).toBe("not_permitted");
    const outcome = run(admin, "access clean", { request, media });
    expect(outcome.ok && outcome.plan.effects).toEqual([{ do: "delete media", owner: admin, media }]);
  });
});
