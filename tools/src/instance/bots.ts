// The bots as a child process.
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { appendFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { root } from "../../setup/paths.mjs";
import { Problem } from "../../setup/problem.mjs";

const botsEntry = join(root, "bots", "src", "main.ts");
const startLimit = 90_000;

export interface BotsSettings {
  readonly homeserverUrl: string;
  readonly serverName: string;
  readonly asToken: string;
  readonly hsToken: string;
  readonly port: number;
  readonly orgId: string;
  readonly orgName: string;
  readonly webUrl: string;
  /** The policy may name times that only a test can live with. */
  readonly shortTimes: boolean;
}

/** What the bots say in the line of JSON that they print when they are ready. */
export interface BotsReady {
  readonly orgRoomId: string;
  readonly adminRoomId: string;
  readonly botUserId: string;
}

/**
 * Starts the bots, appends all they print to `logPath`, and returns when they are ready.
 * @throws Problem with the last lines they printed, when they end or are silent
 */
export async function startBots(
  settings: BotsSettings,
  logPath: string,
): Promise<{ child: ChildProcess; ready: BotsReady }> {
  if (!existsSync(botsEntry)) throw new Problem("This clone has no bots (bots/src/main.ts is missing).");
  // matrix-bot-sdk's HTTP library uses a function that Node has deprecated (DEP0060).
  const args = [
    "--disable-warning=DEP0060",
    "--import",
    import.meta.resolve("./dieWithParent.ts"),
    botsEntry,
  ];
  const child = spawn(process.execPath, args, {
    cwd: root,
    detached: true,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    env: {
      ...process.env,
      HEARTH_HOMESERVER_URL: settings.homeserverUrl,
      HEARTH_SERVER_NAME: settings.serverName,
      HEARTH_AS_TOKEN: settings.asToken,
      HEARTH_HS_TOKEN: settings.hsToken,
      HEARTH_AS_PORT: String(settings.port),
      HEARTH_ORG_ID: settings.orgId,
      HEARTH_ORG_NAME: settings.orgName,
      HEARTH_WEB_URL: settings.webUrl,
      HEARTH_SHORT_TIMES: settings.shortTimes ? "1" : "0",
    },
  });
  const last: string[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<BotsReady>();
  const failure = (what: string) =>
    new Problem(`${what}: the lines above are the last they printed, all are in ${logPath}.`, last);
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue;
    createInterface({ input: stream }).on("line", (line) => {
      appendFileSync(logPath, `${line}\n`, { mode: 0o600 });
      last.push(line.slice(0, 300));
      if (last.length > 25) last.shift();
      const ready = parseReady(line);
      if (ready) resolve(ready);
    });
  }
  child.once("error", reject);
  child.once("close", () => reject(failure("The bots ended while starting")));
  const limit = setTimeout(() => {
    child.kill("SIGKILL");
    reject(failure(`The bots were not ready within ${startLimit / 1000} seconds`));
  }, startLimit);
  try {
    return { child, ready: await promise };
  } finally {
    clearTimeout(limit);
  }
}

function parseReady(line: string): BotsReady | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    const value = JSON.parse(line) as Partial<BotsReady> & { ready?: unknown };
    const { orgRoomId, adminRoomId, botUserId } = value;
    if (value.ready !== true || !orgRoomId || !adminRoomId || !botUserId) return undefined;
    return { orgRoomId, adminRoomId, botUserId };
  } catch {
    return undefined;
  }
}
