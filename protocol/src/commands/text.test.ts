import fc from "fast-check";
import { expect, test } from "vitest";
import { COMMANDS } from "../catalogue.ts";
import { completeUserId, helpText, parseCommandText, TYPED_COMMANDS, usageOf } from "./text.ts";

const read = (text: string) => parseCommandText(text, { serverName: "hearth.localhost" });
const said = (text: string) => {
  const parsed = read(text);
  return parsed && !parsed.ok ? parsed.message : expect.fail(`${text} was read`);
};

test.each([
  ["!hearth", "help", {}],
  ["!hearth help role grant", "help", { command: "role grant" }],
  ["!hearth role grant @sam dispatcher", "role grant", { user: "@sam:hearth.localhost", role: "dispatcher" }],
  [
    "  !Hearth  ROLE revoke @Sam:other.example  Night-Crew ",
    "role revoke",
    { user: "@sam:other.example", role: "night-crew" },
  ],
  ["!hearth member remove @sam", "member remove", { user: "@sam:hearth.localhost" }],
  ["!hearth invite list", "invite list", {}],
  ["!hearth invite revoke AAAAAAAAAAAAAAAAAAAAAA", "invite revoke", { invite: "AAAAAAAAAAAAAAAAAAAAAA" }],
  ["!hearth invite create responder,exporter", "invite create", { roles: ["responder", "exporter"] }],
  [
    '!hearth invite create responder note="for the night team" expires=2d',
    "invite create",
    { roles: ["responder"], note: "for the night team", expires_in: "P2D" },
  ],
  [
    "!hearth invite create responder note=“typed on a phone”",
    "invite create",
    { roles: ["responder"], note: "typed on a phone" },
  ],
  ["!hearth policy show", "policy show", {}],
  [
    "!hearth policy set key_window=PT36H retention=30d lease=12h",
    "policy set",
    { key_window: "PT36H", retention: "P30D", lease: "PT12H" },
  ],
  ["!hearth policy set name='North Side'", "policy set", { name: "North Side" }],
])("[C2] %s", (text, name, args) => {
  expect(read(text)).toEqual({ ok: true, name, args });
  if (name !== "invite create") expect(COMMANDS[name as "help"].args.safeParse(args).success).toBe(true);
});

test.each([
  [
    "!hearth role give @sam x",
    "There is no command “role give”. With “role” there are: role grant, role revoke.",
  ],
  ["!hearth dance", "There is no command “dance”. Write !hearth help for the list."],
  [
    "!hearth role grant @sam",
    "Something is missing: role. Write it like this: !hearth role grant @person role",
  ],
  [
    "!hearth role grant @sam a b",
    "“b” is one word too many. Write it like this: !hearth role grant @person role",
  ],
  [
    "!hearth member remove reason=x @sam",
    "“member remove” knows no “reason”. Write it like this: !hearth member remove @person",
  ],
  ["!hearth policy set name=a name=b", /^“name” stands there twice\./],
  ["!hearth policy set", /^Say what to set\./],
  [
    '!hearth policy set name="North',
    "A quotation mark is not closed. Put one at the end of the quoted words.",
  ],
  ["!hearth invite accept AAAA", /can't be typed/],
])("[C2] %s is refused with a sentence", (text, sentence) => {
  expect(said(text)).toEqual(typeof sentence === "string" ? sentence : expect.stringMatching(sentence));
});

test("[C2] other talk is no command", () => {
  for (const text of ["", "hello", "!hearthling role", "about !hearth help"])
    expect(read(text)).toBeUndefined();
});

test("[C2] whatever is typed, the answer is a command, a sentence or nothing", () => {
  const typed = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.constantFrom("=", '"', "note=", "__proto__=x", "constructor"),
  );
  fc.assert(
    fc.property(fc.constantFrom("", ...TYPED_COMMANDS), fc.array(typed), (name, words) => {
      const parsed = read(`!hearth ${name} ${words.join(" ")}`);
      if (parsed && !parsed.ok) expect(parsed.message).not.toBe("");
      else expect(Object.hasOwn(COMMANDS, parsed?.name ?? "")).toBe(true);
    }),
  );
});

test("[C2] quoted words come through whole", () => {
  const words = fc.string({ unit: "grapheme-ascii", minLength: 1 }).filter((text) => !/["']/.test(text));
  fc.assert(
    fc.property(words, (name) => {
      expect(read(`!hearth policy set name="${name}"`)).toEqual({
        ok: true,
        name: "policy set",
        args: { name },
      });
    }),
  );
});

test("[C3] a local name is completed, a whole one is left alone", () => {
  expect(completeUserId("@sam", "x.example")).toBe("@sam:x.example");
  expect(completeUserId("@sam:y.example", "x.example")).toBe("@sam:y.example");
  expect(completeUserId("sam", "x.example")).toBe("sam");
});

test("[C1] help names every command that can be typed, as it is typed", () => {
  for (const name of TYPED_COMMANDS) expect(helpText()).toContain(usageOf(name));
  expect(helpText("policy set")).toContain("key_window=14d");
  expect(TYPED_COMMANDS).not.toContain("invite accept");
});
