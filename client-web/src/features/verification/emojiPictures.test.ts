import { expect, test } from "vitest";
import pictures from "./emojiPictures.json" with { type: "json" };

/** The Matrix specification's table for `emoji` short authentication strings, by number. */
const SAS =
  "🐶🐱🦁🐎🦄🐷🐘🐰🐼🐓🐧🐢🐟🐙🦋🌷🌳🌵🍄🌏🌙☁🔥🍌🍎🍓🌽🍕🎂❤😀🤖🎩👓🔧🎅👍☂⌛⏰🎁💡📕✏📎✂🔒🔑🔨☎🏁🚂🚲✈🚀🏆⚽🎸🎺🔔⚓🎧📁📌";

test("[P8] each of the 64 emoji that are compared has a picture of its own, which loads nothing", () => {
  expect(Object.keys(pictures).toSorted()).toEqual(Array.from(SAS).toSorted());
  expect(new Set(Object.values(pictures)).size).toBe(64);
  for (const picture of Object.values(pictures)) {
    expect(picture).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 128 128">/u);
    expect(picture).not.toMatch(/<script|<image|<foreignObject|\bon\w+=|href="(?!#)|url\((?!#)/iu);
  }
});
