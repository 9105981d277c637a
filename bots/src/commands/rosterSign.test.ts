import { EMPTY_ROSTER, RosterEvent, type RosterStatement, type UserId } from "@hearth/protocol";
import { describe, expect, it } from "vitest";
import type { RawEvent } from "../homeserver.ts";
import { admin, BOT, dispatcher, event, NOW, orgEvents, responder, situation } from "../testing/org.ts";
import { founded, founding, master, otherKey, statement } from "../testing/signers.ts";
import type { Said } from "../testing/signers.ts";
import { decide } from "./decide.ts";

const listing: Said = { kind: "member", user: responder, master_key: master, role: "member" };

function ask(actor: UserId, asked: RosterStatement, events: RawEvent[] = orgEvents(), begun = false) {
  const outcome = decide(
    { name: "roster sign", args: { statement: asked }, roomType: "org.hearth.org", begun },
    situation(actor, events),
  );
  return outcome.ok ? outcome.plan.effects : outcome.code;
}

const written = (asked: RosterStatement) => ({
  do: "org state",
  type: RosterEvent.type,
  key: String(asked.body.index),
  content: asked,
});

describe("roster sign", () => {
  it("[P9] keeps what an admin signed, and nothing that every client would stop reading at", async () => {
    const { first, roster, events } = await founded();
    expect(ask(admin, first)).toEqual([written(first)]);
    const next = await statement(listing, roster);
    expect(ask(admin, next, events)).toEqual([written(next)]);
    expect(ask(dispatcher, next, events)).toBe("not_permitted");
    expect(ask(admin, { ...next, signature: first.signature }, events)).toBe("bad_arguments");
    expect(ask(admin, await statement(listing, roster, { key: otherKey }), events)).toBe("conflict");
    expect(ask(admin, await statement(listing, roster, { org: "other" }), events)).toBe("bad_arguments");
    expect(ask(admin, await statement(listing, roster, { at: NOW + 3_600_000 }), events)).toBe(
      "bad_arguments",
    );
    expect(ask(admin, await statement({ ...founding, user: dispatcher }, EMPTY_ROSTER))).toBe(
      "not_permitted",
    );
  });

  it("refuses what another admin was quicker with, and repeats what was begun", async () => {
    const { first, roster, events } = await founded();
    const next = await statement(listing, roster);
    const after = [...events, event(BOT, RosterEvent.type, next, { key: "1" })];
    expect(ask(admin, await statement({ ...listing, user: dispatcher }, roster), after)).toBe("conflict");
    expect(ask(admin, next, after, true)).toEqual([written(next)]);
    expect(ask(admin, first, after, true)).toEqual([written(first)]);
  });
});
