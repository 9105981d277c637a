#!/usr/bin/env node
// `npm test`. Sets up what is missing, then hands over to the runner proper, which runs on the Node that set-up
// installed. Kept to what an old Node can run.
import { spawn } from "node:child_process";
import { delimiter, dirname, join } from "node:path";
import { ensureBrowser } from "./browser.mjs";
import { endWithParent, ensureSetup, nodeCommand, root, say, showProblem, step } from "./setup/index.mjs";

const args = process.argv.slice(2);
/** What needs Synapse's virtual environment; the other phases leave Python alone. */
const needSynapse = ["module", "integration", "journeys"];

endWithParent();
try {
  const begun = Date.now();
  if (!args.includes("--help")) {
    const at = args.indexOf("--only");
    const only = at < 0 ? undefined : (args[at + 1] ?? "").split(",");
    const willRun = (/** @type {string} */ name) => !only || only.includes(name);
    say("▶ setup");
    await ensureSetup({ synapse: needSynapse.some(willRun), web: false });
    // Early, because it may take minutes. Without one only the journeys fail; they ask again, and then say why.
    if (willRun("journeys")) await step("browser", ensureBrowser).catch(showProblem);
  }
  await handOver(Date.now() - begun);
} catch (error) {
  process.exitCode = showProblem(error);
  say("\n0 passed, 1 failed");
}

/** @param {number} setupMilliseconds */
function handOver(setupMilliseconds) {
  const node = nodeCommand();
  const child = spawn(node, [join(root, "tools", "test", "run.ts"), ...args], {
    cwd: root,
    stdio: "inherit",
    env: {
      ...process.env,
      // Whatever the phases start finds the same Node first.
      PATH: `${dirname(node)}${delimiter}${process.env["PATH"] ?? ""}`,
      HEARTH_SETUP_MILLISECONDS: String(setupMilliseconds),
    },
  });
  // Ctrl-C reaches both of us; the runner ends what it started and still prints its summary.
  process.on("SIGINT", () => {});
  for (const signal of /** @type {const} */ (["SIGTERM", "SIGHUP"]))
    process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => {
    child.on("exit", (code) => {
      process.exitCode = code ?? 1;
      resolve(undefined);
    });
  });
}
