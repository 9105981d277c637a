#!/usr/bin/env node
// `npm run bench`. Sets up what is missing, then measures on the Node that set-up installed. Kept to what an old Node
// can run.
import { spawn } from "node:child_process";
import { join } from "node:path";
import {
  endWithParent,
  ensureNode,
  ensureSetup,
  nodeCommand,
  root,
  say,
  showProblem,
} from "./setup/index.mjs";

endWithParent();
try {
  ensureNode();
  say("Setting up");
  await ensureSetup();
  const child = spawn(nodeCommand(), [join(root, "e2e", "bench", "main.ts"), ...process.argv.slice(2)], {
    stdio: "inherit",
  });
  // Ctrl-C reaches both; the child stops what it started.
  process.on("SIGINT", () => {});
  for (const signal of /** @type {const} */ (["SIGTERM", "SIGHUP"]))
    process.on(signal, () => child.kill(signal));
  child.on("exit", (code) => {
    process.exitCode = code ?? 1;
  });
} catch (error) {
  process.exitCode = showProblem(error);
}
