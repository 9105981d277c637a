import { existsSync, globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const root = new URL("../../", import.meta.url);
const page = readFileSync(new URL("docs/adding-a-feature.md", root), "utf8");

/** The files that a section lists. */
function filesUnder(heading: string): string[] {
  const section = page.split(/^## /m).find((each) => each.startsWith(`${heading}\n`));
  if (section === undefined) throw new Error(`there is no section "${heading}"`);
  return [...section.matchAll(/^- `([^`]+)`/gm)].map(([, path]) => path ?? "");
}

/** Of each kind of feature: how many files it touches at most, and which of them are new. */
const EXAMPLES = [
  { heading: "A log entry", most: 6, added: ["protocol/src/request/events/note.ts"] },
  { heading: "Org state with a command", most: 4, added: ["protocol/src/org/notice.ts"] },
  {
    heading: "A screen",
    most: 6,
    added: [
      "client-web/src/app/notices/page.tsx",
      "client-web/src/features/notices/Notices.tsx",
      "client-web/src/features/notices/Notices.module.css",
    ],
  },
];

test.each(EXAMPLES)("$heading touches at most $most files, and all that it changes are there", (example) => {
  const files = filesUnder(example.heading);
  expect(files.length).toBeGreaterThan(example.added.length);
  expect(files.length).toBeLessThanOrEqual(example.most);
  expect(files.filter((path) => !existsSync(new URL(path, root)))).toEqual(example.added);
});

test("a log entry that there is, its status, is named by those files and no other", () => {
  const ofTheStatus = filesUnder("A log entry").map((path) => path.replace("note.ts", "statusSet.ts"));
  const named = /\bstatusSet\.ts\b|\bStatusSet\b|org\.hearth\.request\.status\b|\bset_status\b/;
  const files = globSync(
    [
      "{protocol,client-core,bots}/{*.md,src/**/*.{ts,json}}",
      "synapse-config/**/*.{py,json,mjs,ts}",
      "tools/src/**/*.ts",
    ],
    { cwd: root },
  );
  expect(files.length).toBeGreaterThan(300);
  // Tests, what only they import, and the log that version 1 wrote, which gets no new entries.
  const ofTests = /\.test\.ts$|\/testing\/(?!frozen\/entries\.json$)/;
  const naming = files.filter(
    (path) => !ofTests.test(path) && named.test(readFileSync(new URL(path, root), "utf8")),
  );
  expect(naming.toSorted()).toEqual(ofTheStatus.toSorted());
});
