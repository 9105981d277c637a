import {
  EMPTY_ROSTER,
  EventId,
  Member,
  memberStateKey,
  Profile,
  Role,
  RoomId,
  UserId,
} from "@hearth/protocol";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RawEvent } from "../rooms/rawEvent.ts";
import { RoomState } from "../rooms/roomState.ts";
import { Team } from "../features/people/team.ts";
import { nameOf, projectOrg } from "./org.ts";

const BOT = UserId.parse("@hearth-bot:hearth.localhost");
const ADA = UserId.parse("@ada:hearth.localhost");
const BEN = UserId.parse("@ben:hearth.localhost");
let count = 0;
const state = (sender: UserId, type: string, state_key: string, content: object): RawEvent => ({
  event_id: EventId.parse(`$s${count++}`),
  type,
  sender,
  origin_server_ts: 1000,
  content: content as Record<string, unknown>,
  state_key,
});
const person = (userId: UserId, name?: string, until?: number) => [
  state(BOT, Member.type, memberStateKey(userId), {
    v: 1,
    joined_at: 100,
    roles: [{ role: "responder", from: 100, ...(until === undefined ? {} : { until }) }],
  }),
  ...(name === undefined ? [] : [state(userId, Profile.type, userId, { v: 1, display_name: name })]),
];
const base = [
  state(BOT, "m.room.create", "", { type: "org.hearth.org", "org.hearth.org_id": "example" }),
  state(BOT, Role.type, "medic", { v: 1, name: "Street medic", versions: [{ from: 0, groups: [] }] }),
];
const org = (...events: RawEvent[]) => {
  const projected = projectOrg(RoomId.parse("!org"), RoomState.of([...base, ...events]));
  if (!projected) throw new Error("the room is an org's");
  return projected;
};
const named = (ada: string, ben: string) => {
  const both = org(...person(ADA, ada), ...person(BEN, ben));
  return [nameOf(both, ADA), nameOf(both, BEN)];
};

describe("what people are called", () => {
  test.for([
    ["the same", "Sam Doe", "Sam Doe"],
    ["Cyrillic letters", "Sam Doe", "\u0405\u0430m D\u043Ee"],
    ["Greek capitals", "Anna", "\u0391nn\u0430"],
    ["a capital that has no small twin", "BOB", "\u0412OB"],
    ["Cyrillic in another case", "\u0412\u041E\u0412\u0410", "\u0432\u043E\u0432\u0430"],
    ["case", "Sam Doe", "sam doe"],
    ["width", "Sam Doe", "\uFF33am\u3000Doe"],
    ["spaces", "Sam Doe", "Sam  Doe "],
    ["no space", "Sam Doe", "SamDoe"],
    ["what is invisible", "Sam Doe", "Sam\u200B D\u00ADoe\u2060"],
    ["fillers", "Sam Doe", "Sam\u3164Doe"],
    ["accents", "Jose", "Jos\u00E9"],
    ["styled letters", "Sam Doe", "\u{1D5E6}am Doe"],
    ["digits", "Ian Lo", "lan L0"],
    ["two letters for one", "Emma", "Ern rna".replace(" ", "")],
    ["punctuation", "Sam Doe", "Sam-Doe."],
  ] as const)("[P9] who can be taken for each other carry their handles: %s", ([, ada, ben]) => {
    const [first = "", second = ""] = named(ada, ben);
    expect(first.endsWith(" (@ada)")).toBe(true);
    expect(second.endsWith(" (@ben)")).toBe(true);
  });

  test("others are called as they say, and nothing more", () => {
    expect(named("Sam Doe", "Sam Roe")).toEqual(["Sam Doe", "Sam Roe"]);
    expect(named("Responder 1", "Responder 2")).toEqual(["Responder 1", "Responder 2"]);
    expect(named("Ada", "Ben (he/him)")).toEqual(["Ada", "Ben (he/him)"]);
  });

  test.for([
    "Dispatcher",
    "You",
    "\u0410dmin",
    "Street  Medic",
    "medic",
    "Ada (you)",
    "Ada (@ada)",
    "\uFF20ada",
    "ada",
  ])("[P9] nobody passes for a role, a handle or the reader: %s", (name) => {
    const [, ben = ""] = named("Ada Example", name);
    expect(ben.endsWith(" (@ben)")).toBe(true);
  });

  test("[P9] a name that turns a sentence round, or shows nothing, does neither", () => {
    expect(named("Ann \u202Egnp", "\u200B\u2800")).toEqual(["Ann gnp", "ben"]);
    expect(named("Ada\nBen joined", "Ben Example")[0]).toBe("Ada Ben joined");
    expect(named("\u0633\u0627\u0645", "Ben Example")[0]).toBe("\u2068\u0633\u0627\u0645\u2069");
  });

  test("[P9] one who left keeps others from passing for them", () => {
    const both = org(...person(ADA, "Sam Doe", 200), ...person(BEN, "Sam Doe"));
    expect(nameOf(both, ADA)).toBe("Sam Doe (@ada)");
  });

  test("[P9] any name, written twice, is told apart", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 30 }), (name) => {
        const [ada, ben] = named(`Sam ${name.toWellFormed()}`, `Sam ${name.toWellFormed()}`);
        expect(ada).not.toBe(ben);
      }),
      { numRuns: 25 },
    );
  });

  test("[P9] when somebody takes a name, the row of who had it is made again, and no other", () => {
    const before = [...base, ...person(ADA, "Sam Doe"), ...person(BEN, "Ben Example")];
    const book = { org: org(...before), now: () => 500 };
    const team = new Team({
      me: ADA,
      book,
      recipients: { identityOf: () => "fine", rosterOf: () => ({ roster: "listed" }) },
      roster: { roster: EMPTY_ROSTER, problem: undefined, code: undefined, toCompare: undefined },
    });
    expect(team.make(undefined)?.members.map(({ name }) => name)).toEqual(["Ben Example", "Sam Doe"]);
    book.org = org(...before, state(BEN, Profile.type, BEN, { v: 1, display_name: "sam doe" }));
    const rows = team.make(new Set([`org/${Profile.type}/${BEN}`] as const))?.members ?? [];
    expect(rows.map(({ name }) => name)).toEqual(["Sam Doe (@ada)", "sam doe (@ben)"]);
    expect(rows.find(({ isMe }) => isMe)?.own).toEqual({ name: "Sam Doe", confusable: true });
  });
});
