// Synapse as a child: its configuration, start, and stop.
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync, openSync, closeSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { root, venvPython } from "../../setup/paths.mjs";
import { Problem } from "../../setup/problem.mjs";
import { hasEnded } from "./child.ts";
import { writePrivate } from "./files.ts";
import type { InstanceFiles, InstanceSecrets } from "./files.ts";
import { render } from "./render.ts";

const templates = join(root, "synapse-config");
const moduleFolder = join(templates, "module");
const startLimit = 90_000;

export interface SynapseSettings {
  readonly serverName: string;
  readonly botUserId: string;
  readonly port: number;
  readonly appservicePort: number;
  readonly webUrl: string;
  /** Cost of password hashing; 12 is Synapse's own, tests that sign many people in use 4. */
  readonly bcryptRounds: number;
  /** Durations as Synapse writes them: `5m`, `8s`, … */
  readonly accessTokenLifetime: string;
  readonly nonRefreshableAccessTokenLifetime: string;
  readonly redactionRetentionPeriod: string;
  readonly policyModule: boolean;
  /** Top-level settings of Synapse that replace the template's. */
  readonly overrides: Readonly<Record<string, unknown>>;
}

export function writeSynapseConfig(
  files: InstanceFiles,
  secrets: InstanceSecrets,
  settings: SynapseSettings,
): void {
  const template = (name: string) => readFileSync(join(templates, name), "utf8");
  const botLocalpart = settings.botUserId.slice(1, settings.botUserId.indexOf(":"));
  writePrivate(
    files.homeserverConfig,
    render(template("homeserver.yaml"), {
      serverName: settings.serverName,
      publicBaseUrl: settings.webUrl,
      pidFile: files.pid,
      port: settings.port,
      databasePath: files.database,
      logConfigPath: files.logConfig,
      mediaPath: files.media,
      signingKeyPath: files.signingKey,
      macaroonSecretPath: files.macaroonSecret,
      formSecretPath: files.formSecret,
      appserviceConfigPath: files.appserviceConfig,
      modules: settings.policyModule ? [policyModule(settings.botUserId)] : [],
      bcryptRounds: settings.bcryptRounds,
      accessTokenLifetime: settings.accessTokenLifetime,
      nonRefreshableAccessTokenLifetime: settings.nonRefreshableAccessTokenLifetime,
      redactionRetentionPeriod: settings.redactionRetentionPeriod,
    }),
  );
  writePrivate(files.overrides, `${JSON.stringify(settings.overrides)}\n`);
  writePrivate(files.logConfig, render(template("log.yaml"), { logPath: files.synapseLog }));
  writePrivate(
    files.appserviceConfig,
    render(template("appservice.yaml"), {
      url: `http://127.0.0.1:${settings.appservicePort}`,
      asToken: secrets.asToken,
      hsToken: secrets.hsToken,
      senderLocalpart: botLocalpart,
      userRegex: `^${RegExp.escape(settings.botUserId)}$`,
    }),
  );
}

function policyModule(botUserId: string): unknown {
  return { module: "hearth_policy.HearthPolicy", config: { bot_user_id: botUserId } };
}

/**
 * Starts Synapse and returns when it answers.
 * @throws Problem with the last lines it wrote, when it ends or is silent
 */
export async function startSynapse(files: InstanceFiles, port: number): Promise<ChildProcess> {
  if (!existsSync(venvPython))
    throw new Problem("Synapse is not installed: run `npm start` or `npm test`, which install it.");
  const output = openSync(files.synapseOutput, "a", 0o600);
  const child = spawn(
    venvPython,
    [
      join(templates, "run_homeserver.py"),
      "--config-path",
      files.homeserverConfig,
      "--config-path",
      files.overrides,
    ],
    {
      cwd: files.folder,
      detached: true,
      stdio: ["pipe", output, output],
      env: { ...process.env, PYTHONPATH: moduleFolder, PYTHONUNBUFFERED: "1", PYTHONDONTWRITEBYTECODE: "1" },
    },
  );
  closeSync(output);
  const until = Date.now() + startLimit;
  for (;;) {
    if (hasEnded(child)) throw failure("Synapse ended while starting", files);
    if (await answers(`http://127.0.0.1:${port}/_matrix/client/versions`)) return child;
    if (Date.now() > until) {
      child.kill("SIGKILL");
      throw failure(`Synapse did not answer within ${startLimit / 1000} seconds`, files);
    }
    await wait(100);
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}

function failure(what: string, files: InstanceFiles): Problem {
  const lines = [...lastLines(files.synapseLog, 5), ...lastLines(files.synapseOutput, 10)];
  return new Problem(
    `${what}: the lines above are the last it wrote, all are in ${files.synapseLog}.`,
    lines,
  );
}

function lastLines(path: string, count: number): string[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8").trimEnd().split("\n").slice(-count);
}
