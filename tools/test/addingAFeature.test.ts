import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const root = new URL("../../", import.meta.url);
const page = readFileSync(new URL("docs/adding-a-feature.md", root), "utf8");

/** The files that a section lists. */
function filesUnder(heading: string): string[] {
  const section = page.split(/^## /m).find((each) => each.startsWith(`${heading}\n`));
  if (section === undefined) throw new Error(`there is no section "${heading}"`);
  return [...section.matchAll(/^- `([^`]+)`/gm)].map(([, path]) => path ?? "");
}

/** What SHAPE promised of each kind of feature. */
const MOST = { "A log entry": 6, "Org state with a command": 4, "A screen": 6 };

test.each(Object.entries(MOST))("%s touches at most %i files", (heading, most) => {
  expect(filesUnder(heading).length).toBeLessThanOrEqual(most);
});

test("org state with a command adds one file, and changes what exists", () => {
  const files = filesUnder("Org state with a command");
  expect(files).toHaveLength(4);
  expect(files.filter((path) => !existsSync(new URL(path, root)))).toEqual(["protocol/src/org/notice.ts"]);
});
