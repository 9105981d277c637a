import fc from "fast-check";
import { expect, test } from "vitest";
import { formatInviteLink, InviteLink, parseInviteLink } from "./inviteLink.ts";

const chars = (alphabet: string, minLength: number, maxLength = minLength) =>
  fc.string({ unit: fc.constantFrom(...alphabet), minLength, maxLength });
const BASE64URL = "ABCXYZabcxyz019-_";
const link = fc
  .record({
    org: chars("abc019-", 1, 64),
    bot: chars("abc019._=/+-", 1, 30).map((name) => `@${name}:hearth.localhost`),
    invite: chars(BASE64URL, 22),
    token: chars(`${BASE64URL}.~`, 1, 64),
    roster: fc.oneof(fc.constant("new"), chars(BASE64URL, 43)),
    secret: chars(BASE64URL, 43),
  })
  .map((value) => InviteLink.parse(value));

test("[V1] a link comes back as it was made: whole, its fragment, with or without #, with spaces around it", () => {
  fc.assert(
    fc.property(link, fc.constantFrom("https://hearth.example", "http://localhost:8080/"), (made, web) => {
      const text = formatInviteLink(web, made);
      expect(text.split("#")[0]).toBe(`${web.replace(/\/$/, "")}/join/`);
      const fragment = text.slice(text.indexOf("#"));
      for (const form of [text, fragment, fragment.slice(1), `  ${text}\n`])
        expect(parseInviteLink(form)).toEqual(made);
    }),
  );
});

test("[V1] a link is found in what surrounds it", () => {
  const broken = (text: string) => text.replaceAll(/.{40}/g, "$&\n");
  const around: ((text: string) => string)[] = [
    (text) => `Please join here: ${text}. See you tonight!`,
    (text) => `<${text}>`,
    (text) => `[Join](${text}), it works for a week`,
    (text) => `“${text}”`,
    (text) => `> ${text}\n> Sam`,
    (text) => text.replaceAll("&", "&amp;"),
    (text) => text.replace("#", "%23"),
    (text) => broken(text),
    (text) => `${broken(text)}\nThanks`,
    (text) => `Join:\n${broken(text).replaceAll("\n", "\r\n> ")}\r\nSam`,
  ];
  fc.assert(
    fc.property(link, fc.constantFrom(...around), (made, put) => {
      expect(parseInviteLink(put(formatInviteLink("https://hearth.example", made)))).toEqual(made);
    }),
  );
});

test("[V1] a link with a piece missing, cut off or changed is refused as a whole", () => {
  fc.assert(
    fc.property(
      link,
      fc.constantFrom("org", "bot", "invite", "token", "roster", "secret"),
      fc.nat(),
      (made, name, at) => {
        const pieces = new URLSearchParams(made);
        pieces.delete(name);
        expect(parseInviteLink(`#${pieces.toString()}`)).toBeUndefined();
        expect(
          parseInviteLink(`#${new URLSearchParams({ ...made, [name]: "ä ö" }).toString()}`),
        ).toBeUndefined();
        const text = formatInviteLink("https://hearth.example", made);
        expect(parseInviteLink(text.slice(0, text.length - 1 - (at % 43)))).toBeUndefined();
      },
    ),
  );
});

test("[V1] no text breaks the reader", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(parseInviteLink(text)).toBeUndefined();
    }),
  );
});
