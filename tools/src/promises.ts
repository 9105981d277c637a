// Lists the promises, each with the tests that are named after it. Says nothing of whether they pass: `npm test` does.
import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** In short; docs/encryption.md explains each, step by step. */
const PROMISES: Readonly<Record<string, string>> = {
  P1: "The server never holds what was said in the clear.",
  P2: "Bots hold no keys.",
  P3: "A staff device can't read what is older than the key window.",
  P4: "After the retention time the ciphertext is gone from the server.",
  P5: "Nothing is deleted unannounced.",
  P6: "Old keys are given only by an admin, to signed devices, for a named span, and it is logged.",
  P7: "A wiped device loses its keys, and nothing but a wipe, the lease or a sign-out destroys any.",
  P8: "Keys go only to signed devices of members whose identity did not change.",
  P9: "Org data changes only by a permitted command, and each is audited.",
  P10: "If the bots are down, nobody is locked out.",
};

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const files = globSync("**/{*.test.ts,test_*.py}", {
  cwd: root,
  exclude: (path) => /(^|\/)(node_modules|\.hearth|\.next|out)(\/|$)/.test(path.toString()),
}).toSorted();

type Named = { readonly file: string; readonly line: number; readonly name: string };

/** A test's name where it is given: in quotes of any kind, or a Python docstring. */
const NAME = /["'`]+((?:\[\w+\] ?)*\[P\d+\][^\n]*?)["'`]+(?:,|\)|$)/;

const tests = new Map<string, Named[]>(Object.keys(PROMISES).map((id) => [id, []]));
const unknown: Named[] = [];
for (const file of files)
  for (const [i, text] of readFileSync(join(root, file), "utf8").split("\n").entries()) {
    const name = NAME.exec(text)?.[1];
    if (name === undefined) continue;
    for (const [, id = ""] of name.matchAll(/\[(P\d+)\]/g))
      (tests.get(id) ?? unknown).push({ file, line: i + 1, name });
  }

for (const [id, promise] of Object.entries(PROMISES)) {
  const named = tests.get(id) ?? [];
  console.log(`\n${id}  ${promise}`);
  if (named.length === 0) console.log("    no test yet: not built");
  for (const { file, line, name } of named)
    console.log(`    ${name.replaceAll(/\[\w+\] ?/g, "")}\n        ${file}:${line}`);
}
const counts = [...tests].map(([id, named]) => `${id} ${named.length}`);
console.log(`\nTests by promise: ${counts.join(", ")}`);
for (const { file, line, name } of unknown) {
  console.error(`${file}:${line}: "${name}" names a promise that there is not`);
  process.exitCode = 1;
}
