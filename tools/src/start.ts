// The launcher proper: `npm start` after set-up. Runs on the Node that set-up installed.
import { basename, join } from "node:path";
import { VERSION } from "@hearth/protocol";
import { seconds, say, step } from "../setup/report.mjs";
import { showProblem } from "../setup/problem.mjs";
import { devFile, instanceFolder, parseStartOptions } from "../setup/startOptions.mjs";
import { demoPeople, DemoStore } from "./demo/accounts.ts";
import { startInstance } from "./instance.ts";
import type { Instance } from "./instance.ts";
import { readIdentity } from "./instance/files.ts";
import { writeDevFile } from "./start/devFile.ts";
import { follow } from "./start/followLogs.ts";
import { shorten } from "./start/logLines.ts";
import type { Part } from "./start/logLines.ts";
import { table } from "./start/table.ts";

const demoOrg = { id: "demo", name: "Demo Team" };
const emptyOrg = { id: "home", name: "Our Team" };
const restartBotsAfter = 5_000;

let instance: Instance | undefined;
let ending = false;
let endingSince = 0;

async function end(code: number): Promise<void> {
  if (ending) {
    // A second Ctrl-C means now: the children end by themselves when their pipes close. One signal may arrive twice,
    // though, by the terminal's process group and by the process above us.
    if (performance.now() - endingSince > 1_000) process.exit(code);
    return;
  }
  ending = true;
  endingSince = performance.now();
  say("\nStopping…");
  await instance?.stop();
  if (instance) say("Stopped. What you entered is kept for the next start.");
  process.exit(code);
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void end(0));
// The process that started us is gone, without having been able to say so.
process.on("disconnect", () => void end(1));
process.channel?.unref();

try {
  await start();
} catch (error) {
  if (!ending) {
    process.exitCode = showProblem(error);
    await instance?.stop();
    process.exit();
  }
}

async function start(): Promise<void> {
  const options = parseStartOptions(process.argv.slice(2));
  const begun = performance.now();
  const kept = readIdentity(instanceFolder);
  const wantsDemo = kept ? kept.orgId === demoOrg.id : options.demo;

  say("Starting");
  instance = await startInstance({
    dir: instanceFolder,
    org: wantsDemo ? demoOrg : emptyOrg,
    ports: { web: options.port },
    web: true,
    bots: true,
    report: step,
    onEnd: (part) => void onEnd(part),
  });

  const store = new DemoStore(join(instanceFolder, "demo.json"));
  const { serverName } = instance;
  if (wantsDemo && !demoPeople.every((person) => store.has(person, serverName))) {
    // Loads the whole client, for which later starts need not wait.
    const { seedDemo } = await import("./demo.ts");
    await seedDemo(instance, store);
  }
  writeDevFile(devFile, instance, store.accounts);

  say(`\nHearth ${VERSION} is ready (${seconds(performance.now() - begun)}).\n`);
  say(
    table([
      ["Open in a browser", instance.webUrl],
      ["Homeserver, inside", instance.homeserverUrl],
      ["Data and logs", ".hearth/dev"],
      ["For tools", ".hearth/dev.json"],
    ]),
  );
  if (wantsDemo) {
    // Two lines each: a recovery key alone is almost as wide as a terminal.
    const rows = store.accounts.flatMap(({ userId, password, recoveryKey }) => [
      [localpart(userId), password],
      ["", recoveryKey],
    ]);
    say(`\nDemo accounts. A new browser asks for the password, then for the recovery key below it:\n`);
    say(table(rows));
  } else {
    await sayFirstInvite(instance);
  }
  if (kept && wantsDemo !== options.demo)
    say(
      `\nThis data was made ${wantsDemo ? "with" : "without"} the demo org and stays so; --fresh begins anew.`,
    );
  say("\nCtrl-C stops it. What the bots do, and what goes wrong, is shown here:\n");
  followLogs(instance);
}

async function sayFirstInvite(running: Instance): Promise<void> {
  const { createFirstAdminInvite } = await import("@hearth/bots");
  try {
    const { link } = await createFirstAdminInvite({
      homeserverUrl: running.homeserverUrl,
      asToken: running.asToken,
      serverName: running.serverName,
      orgId: running.orgId,
      webUrl: running.webUrl,
    });
    say(`\nThe first admin joins with this link, which works once:\n\n  ${link}`);
  } catch (error) {
    // That there is an admin by now, most likely: nothing to stop for.
    say(`\nNo invite for a first admin was made. ${error instanceof Error ? error.message : String(error)}`);
  }
}

function followLogs(running: Instance): void {
  const parts: Readonly<Record<string, Part>> = {
    "synapse.log": "homeserver",
    "bots.log": "bots",
    "web.log": "web",
  };
  for (const path of running.logPaths) {
    const part = parts[basename(path)];
    if (!part) continue;
    follow(path, (line) => {
      const short = shorten(part, line);
      if (short !== undefined) say(short);
    });
  }
}

async function onEnd(part: "homeserver" | "bots"): Promise<void> {
  if (ending) return;
  if (part === "homeserver") {
    say("\nSynapse ended by itself; why stands at the end of .hearth/dev/logs/synapse.log.");
    return end(1);
  }
  say(
    "The bots ended by themselves (see .hearth/dev/logs/bots.log); starting them again. Requests and chat go on.",
  );
  await new Promise((resolve) => setTimeout(resolve, restartBotsAfter));
  try {
    if (!ending) await instance?.startBots();
  } catch (error) {
    showProblem(error);
    await onEnd("bots");
  }
}

function localpart(userId: string): string {
  return userId.slice(1, userId.indexOf(":"));
}
