// oxlint over everything, and proof that it knows types: without its second half (tsgolint) it would pass a dropped
// promise in silence, so a canary that drops one must be reported.
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const canary = "tools/test/canary/lint";

function oxlint(args: string[]) {
  const script = join(root, "node_modules/oxlint/bin/oxlint");
  return spawnSync(process.execPath, [script, ...args], { cwd: root, encoding: "utf8" });
}

const real = oxlint([]);
console.log(`${real.stdout}${real.stderr}`.trim());
const caught = oxlint(["--config", `${canary}/config.json`, canary]).stdout.includes("no-floating-promises");
if (!caught)
  console.log(`${canary}: the dropped promise in it was not reported, so type-aware rules do not run`);
process.exitCode = real.status === 0 && caught ? 0 : 1;
