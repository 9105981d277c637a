import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { sentencesOf, sentencesPage } from "./sentences.ts";

test("the page of all sentences has all of them", async () => {
  expect(await readFile("docs/sentences.md", "utf8"), "run `npm run sentences`").toBe(await sentencesPage());
});

test("a sentence is found with what is filled in, and what nobody reads is not", () => {
  const source = `
    import { x } from "Some thing";
    const a = <p className="Not this one">Call <b>{name}</b> now, or <i>meet</i> them.</p>;
    const b = say(\`Signed: \${name} \${says}.\`);
    log("warn", "Nobody reads this");
    throw new Error("Nor is this read");
  `;
  expect(sentencesOf("a.tsx", source)).toEqual(["Call … now, or meet them.", "Signed: … …."]);
});

test("screens promise nothing that Hearth does not do, and keep to the words that were decided", async () => {
  const page = await sentencesPage();
  for (const wrong of [
    /hides and deletes/iu,
    /only the people you add, and admins/iu,
    /your requests come back/iu,
    /small letters/iu,
    /stumbled|unexpected happened/iu,
    /go together/iu,
    /org's helper/iu,
    /I lost my recovery key/u,
  ])
    expect(page).not.toMatch(wrong);
});
