// Set-up, shared by `npm start` and `npm test`: plain JavaScript without dependencies, because on a fresh clone there
// is nothing else yet and the machine's Node may be 20.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { ensureInstall } from "./install.mjs";
import { withLock } from "./lock.mjs";
import { ensureNode } from "./machine.mjs";
import { dataFolder } from "./paths.mjs";
import { say, step } from "./report.mjs";
import { ensureSynapse } from "./synapse.mjs";
import { ensureWebBuild } from "./webBuild.mjs";

export { nodeCommand } from "./install.mjs";
export { endWithParent } from "./leftAlone.mjs";
export { ensureNode } from "./machine.mjs";
export { dataFolder, root } from "./paths.mjs";
export { Problem, showProblem } from "./problem.mjs";
export { runChild } from "./runChild.mjs";
export { say, seconds, step } from "./report.mjs";

/**
 * Everything that has to be on the machine before Hearth or its tests can run. One process at a time.
 * @param {{ synapse?: boolean, web?: boolean }} [parts] what is needed besides the npm packages (default: all)
 */
export async function ensureSetup({ synapse = true, web = true } = {}) {
  ensureNode();
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  const waiting = (/** @type {{ pid: number } | undefined} */ holder) =>
    say(
      `  … waiting: another Hearth command${holder?.pid ? ` (pid ${holder.pid})` : ""} is setting up this clone`,
    );
  await withLock(join(dataFolder, "setup.lock"), waiting, async () => {
    await step("packages", ensureInstall);
    if (synapse) await step("Synapse", ensureSynapse);
    if (web) await step("web client", ensureWebBuild);
  });
}
