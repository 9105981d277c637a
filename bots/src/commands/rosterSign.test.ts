import { generateKeyPairSync, sign } from "node:crypto";
import {
  EMPTY_ROSTER,
  MasterKey,
  nextRoster,
  rosterHead,
  RosterEvent,
  signStatement,
  SigningKey,
  type Instant,
  type Roster,
  type RosterBody,
  type RosterStatement,
  type UserId,
} from "@hearth/protocol";
import { describe, expect, it } from "vitest";
import type { RawEvent } from "../homeserver.ts";
import { admin, BOT, dispatcher, event, NOW, ORG, orgEvents, responder, situation } from "../testing/org.ts";
import { decide } from "./decide.ts";

type Said = RosterBody extends infer Body
  ? Body extends RosterBody
    ? Omit<Body, "index" | "prev">
    : never
  : never;

const newKey = () => {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  return { publicKey: SigningKey.parse(publicKey.export({ format: "jwk" }).x), privateKey };
};
const adminKey = newKey();
const otherKey = newKey();
const master = MasterKey.parse("A".repeat(43));
const founding: Said = { kind: "found", user: admin, master_key: master };
const listing: Said = { kind: "member", user: responder, master_key: master, role: "member" };

function statement(
  said: Said,
  roster: Roster,
  more: { key?: typeof adminKey; at?: number; org?: string } = {},
): Promise<RosterStatement> {
  const { publicKey, privateKey } = more.key ?? adminKey;
  const body: RosterBody = { ...said, index: roster.hashes.length, prev: rosterHead(roster) };
  return signStatement<RosterStatement>(
    {
      v: 1,
      purpose: "roster",
      org: (more.org ?? ORG) as typeof ORG,
      key: publicKey,
      at: (more.at ?? NOW) as Instant,
      body,
    },
    (bytes) => Promise.resolve(new Uint8Array(sign(null, bytes, privateKey))),
  );
}

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

/** An org with its founding, and the roster then. */
async function founded() {
  const first = await statement(founding, EMPTY_ROSTER);
  const roster = nextRoster(EMPTY_ROSTER, first);
  if (typeof roster === "string") throw new Error(roster);
  const events = [...orgEvents(), event(BOT, RosterEvent.type, first, { key: "0" })];
  return { first, roster, events };
}

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
