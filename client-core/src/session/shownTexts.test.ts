import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cleanText } from "@hearth/protocol";
import { shownTexts } from "./shownTexts.ts";
import { PublishedViews } from "./views.ts";

describe("[L17] what is shown is clean, whoever wrote it", () => {
  test("every text of a view is, at any depth", () => {
    const views = new PublishedViews();
    views.set("invites", {
      loaded: true,
      invites: [
        {
          inviteId: "i1",
          roles: ["r\u202Ex"],
          note: "for \u202Egnp.exe \uD83D",
          status: "pending",
          createdBy: "@ada:example.org",
          createdAt: 1,
          expiresAt: 2,
        },
      ],
    });
    expect(views.latest("invites")?.invites[0]).toMatchObject({ roles: ["rx"], note: "for gnp.exe \uFFFD" });
  });

  test("what is clean is the very same, and what was cleaned is cleaned once", () => {
    const clean = { id: "a", texts: ["\u00E9", "\u2068\u0633\u2069 joined"], n: 1 };
    expect(shownTexts(clean)).toBe(clean);
    const odd = { id: "b", text: "\u202Eb" };
    expect(shownTexts({ odd }).odd).toBe(shownTexts({ odd }).odd);
  });

  test("whatever it is, it is what cleaning its texts gives", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary" })), (texts) => {
        const given = texts.map((text) => text.replace(/[\u2066-\u2069]/gu, ""));
        expect(shownTexts({ given }).given).toEqual(given.map(cleanText));
      }),
    );
  });
});
