// Proves that the arrows of ARCHITECTURE.md point one way, and that the prover works: dependency-cruiser once passed a
// real violation with exit 0 because it could not read the imports, so each rule has a file that must break it.
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { cruise } from "dependency-cruiser";
import extractDepcruiseOptions from "dependency-cruiser/config-utl/extract-depcruise-options";
import extractTSConfig from "dependency-cruiser/config-utl/extract-ts-config";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const canaries = "tools/test/canary";
const parts = ["protocol", "client-core", "client-web", "bots", "tools", "e2e"];
process.chdir(root);

const configFile = ".dependency-cruiser.cjs";
const config = createRequire(import.meta.url)(join(root, configFile)) as { forbidden: { name: string }[] };
const options = await extractDepcruiseOptions(join(root, configFile));
const tsConfig = extractTSConfig(join(root, "tsconfig.base.json"));

/** Every broken rule under `folders`, as { rule, from, to }, and how many files were looked at. */
async function violations(folders: string[], exclude: { path: string }) {
  const { output } = await cruise(folders, { ...options, exclude }, undefined, { tsConfig });
  if (typeof output === "string") throw new Error(output);
  return {
    looked: output.modules.filter((module) => !module.source.includes("node_modules/")).length,
    broken: output.summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to })),
  };
}

const failures = [];
const real = await violations(
  parts.filter((part) => existsSync(join(root, part))),
  { path: `^${canaries}/|(^|/)(\\.next|out|\\.hearth|dist)/` },
);
for (const { rule, from, to } of real.broken) failures.push(`${rule}: ${from} → ${to}`);
if (real.looked === 0) failures.push("no file was looked at");

const caught = await violations([`${canaries}/arrows`], { path: "(^|/)(\\.next|out|\\.hearth|dist)/" });
for (const { name } of config.forbidden) {
  if (!caught.broken.some(({ rule, from }) => rule === name && basename(from, ".ts").startsWith(name))) {
    failures.push(`${name}: its canary in ${canaries}/arrows got through, so this rule proves nothing`);
  }
}

for (const failure of failures) console.log(failure);
const canariesCaught = failures.length === 0 ? ", each with a canary that is caught" : "";
console.log(`${real.looked} files, ${config.forbidden.length} rules${canariesCaught}`);
process.exitCode = failures.length > 0 ? 1 : 0;
