#!/usr/bin/env node
// `npm start`. Sets up what is missing, then hands over to the launcher proper, which runs on the Node that set-up
// installed. Kept to what an old Node can run.
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
import { ensureCanStart, help, parseStartOptions } from "./setup/startOptions.mjs";

const args = process.argv.slice(2);

endWithParent();
try {
  ensureNode();
  const options = parseStartOptions(args);
  if (options.help) say(help);
  else {
    await ensureCanStart(options);
    say("Setting up");
    await ensureSetup();
    await handOver();
  }
} catch (error) {
  process.exitCode = showProblem(error);
}

/** Runs the launcher until it ends. The channel between the two is how it notices that we were killed. */
function handOver() {
  const child = spawn(
    nodeCommand(),
    ["--disable-warning=DEP0060", join(root, "tools", "src", "start.ts"), ...args],
    {
      stdio: ["inherit", "inherit", "inherit", "ipc"],
    },
  );
  // Ctrl-C reaches both of us; the launcher stops things in order, and we wait for it.
  process.on("SIGINT", () => {});
  for (const signal of /** @type {const} */ (["SIGTERM", "SIGHUP"]))
    process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => {
    child.on("exit", (code, signal) => {
      process.exitCode = code ?? (signal ? 1 : 0);
      resolve(undefined);
    });
  });
}
