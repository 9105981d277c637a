import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cleanText, cleanTexts, isolated, shownText, withoutIsolates } from "./text.ts";

const anyText = fc.string({ unit: "binary" });

describe("a text as it is written", () => {
  test.for([
    ["half a pair at the end", "on my way \uD83D", "on my way \uFFFD"],
    ["half a pair in the middle", "a\uDC00b", "a\uFFFDb"],
    ["a direction that is turned round", "Ann \u202Egnp.exe\u202C", "Ann gnp.exe"],
    ["an isolate that nobody closes", "\u2067Ann", "Ann"],
    ["controls", "a\u0000b\u0007c\u009Fd\u007F", "abcd"],
    ["line ends of other systems", "one\r\ntwo\rthree\u2028four\u0085five", "one\ntwo\nthree\nfour\nfive"],
    ["a byte order mark", "\uFEFFhelp", "help"],
    ["a noncharacter", "a\uFFFEb\u{1FFFF}c", "abc"],
    ["letters in two parts", "Jose\u0301", "Jos\u00E9"],
  ] as const)("loses what destroys or deceives: %s", ([, given, written]) => {
    expect(cleanText(given)).toBe(written);
  });

  test.for([
    ["tab and line feed", "a\tb\nc"],
    ["a family, joined", "\u{1F468}\u200D\u{1F469}\u200D\u{1F467}"],
    ["a word that needs a non-joiner", "\u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645"],
    ["marks of direction", "\u200E12\u200F \u061C"],
    ["the flag of Wales", "\u{1F3F4}\u{E0067}\u{E0062}\u{E0077}\u{E006C}\u{E0073}\u{E007F}"],
    ["a variation", "\u2764\uFE0F"],
  ] as const)("keeps what words need: %s", ([, text]) => {
    expect(cleanText(text)).toBe(text);
  });

  test("is well-formed, and clean when it is cleaned again", () => {
    fc.assert(
      fc.property(anyText, fc.string({ unit: "grapheme" }), (some, other) => {
        const once = cleanText(some + other);
        expect(once.isWellFormed()).toBe(true);
        expect(cleanText(once)).toBe(once);
      }),
    );
  });
});

test("texts are cleaned wherever they stand, but for what is kept", () => {
  const bad = "a\u0000\uD800";
  const bytes = new Uint8Array([1]);
  expect(
    cleanTexts(
      { a: bad, b: [bad, { c: bad }], password: bad, n: 1, none: undefined, bytes },
      (name) => name === "password",
    ),
  ).toEqual({ a: "a\uFFFD", b: ["a\uFFFD", { c: "a\uFFFD" }], password: bad, n: 1, none: undefined, bytes });
});

describe("a text as it is shown", () => {
  test("isolates that we closed stay, and those of others turn nothing round", () => {
    expect(shownText("\u2068\u0633\u2069 joined")).toBe("\u2068\u0633\u2069 joined");
    expect(shownText("\u2067left open")).toBe("left open");
    expect(shownText("\u2069closed first\u2068")).toBe("closed first");
    expect(shownText("a \u202E b \u2068\u202D\u0633\u2069")).toBe("a  b \u2068\u0633\u2069");
  });

  test("in a sentence it is isolated, and can't end that itself", () => {
    expect(isolated("Ada Example")).toBe("Ada Example");
    expect(isolated("\u0633\u2069 evil \u2068")).toBe("\u2068\u0633 evil \u2069");
    fc.assert(
      fc.property(anyText, (text) => {
        const shown = isolated(text);
        expect(withoutIsolates(shown)).toBe(cleanText(text));
        expect(shownText(`by ${shown}, ${shown}`)).toBe(`by ${shown}, ${shown}`);
      }),
    );
  });

  test("is clean but for what is isolated, and the same when it is shown again", () => {
    fc.assert(
      fc.property(
        anyText,
        fc.string({ unit: fc.constantFrom("a", "\u2068", "\u2069", "\u202E") }),
        (some, marks) => {
          const once = shownText(some + marks);
          expect(withoutIsolates(once)).toBe(cleanText(withoutIsolates(once)));
          expect(shownText(once)).toBe(once);
        },
      ),
    );
  });
});
