// One running Hearth: Synapse, the bots and the web server, in a folder of its own and on free ports unless told
// otherwise. `npm start`, the tests and the benchmark all use this.
import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { tryLock, lockHolder } from "../setup/lock.mjs";
import { root } from "../setup/paths.mjs";
import { Problem } from "../setup/problem.mjs";
import { backgroundUpdatesDone } from "./instance/backgroundUpdates.ts";
import { makeServerAdmin, registerBot } from "./instance/botAccount.ts";
import { startBots } from "./instance/bots.ts";
import type { BotsReady, BotsSettings } from "./instance/bots.ts";
import { stopChild } from "./instance/child.ts";
import { openFolder, openIdentity, openSecrets } from "./instance/files.ts";
import { freePorts } from "./instance/ports.ts";
import { startSynapse, writeSynapseConfig } from "./instance/synapse.ts";
import { startWebServer } from "./webServer.ts";

/** Shows a step of starting; see `step` in tools/setup/report.mjs. */
export type Reporter = <T>(title: string, work: () => Promise<T>) => Promise<T>;

export interface InstanceOptions {
  /** Everything the instance writes goes below this folder; what is there from an earlier start is kept. */
  readonly dir: string;
  /** Default: what the folder was made with, or `hearth.localhost`. */
  readonly serverName?: string;
  /** Default: what the folder was made with, or a test org. */
  readonly org?: { readonly id: string; readonly name: string };
  /** Default: free ones. */
  readonly ports?: { readonly synapse?: number; readonly appservice?: number; readonly web?: number };
  /** Whether to serve the built web client. Without it `webUrl` serves the proxy alone. */
  readonly web: boolean;
  readonly bots: boolean;
  /** Default 12. */
  readonly bcryptRounds?: number;
  /** Durations as Synapse writes them; defaults `5m`, `1h`, `7d`. */
  readonly accessTokenLifetime?: string;
  readonly nonRefreshableAccessTokenLifetime?: string;
  readonly redactionRetentionPeriod?: string;
  /** The Synapse module that makes sensitive rooms default-deny. Default true. */
  readonly policyModule?: boolean;
  /** Whether the policy may name times that only a test can live with. Default false. */
  readonly shortTimes?: boolean;
  /** Top-level settings of Synapse that replace the template's. */
  readonly synapseConfig?: Readonly<Record<string, unknown>>;
  readonly report?: Reporter;
  /** Told when Synapse or the bots end without having been asked to. */
  readonly onEnd?: (part: "homeserver" | "bots") => void;
}

export interface Instance extends AsyncDisposable {
  readonly homeserverUrl: string;
  readonly webUrl: string;
  readonly serverName: string;
  readonly botUserId: string;
  readonly orgId: string;
  /** Known once the bots have been ready; empty in an instance that never ran them. */
  readonly orgRoomId: string;
  readonly adminRoomId: string;
  readonly databasePath: string;
  readonly mediaPath: string;
  readonly logPaths: readonly string[];
  readonly asToken: string;
  stopBots(signal?: NodeJS.Signals): Promise<void>;
  startBots(): Promise<void>;
  stopSynapse(signal?: NodeJS.Signals): Promise<void>;
  startSynapse(): Promise<void>;
  /** Stops all of it, bots first. May be called twice. */
  stop(): Promise<void>;
}

const quiet: Reporter = (_title, work) => work();

/**
 * Starts an instance and returns when it can be used.
 * @throws Problem with a sentence that says what to do, for everything that was foreseen; what was started until then
 *   is stopped again
 */
export async function startInstance(options: InstanceOptions): Promise<Instance> {
  const report = options.report ?? quiet;
  const files = openFolder(options.dir);
  const unlock = tryLock(files.lock, options.ports?.web ? `http://localhost:${options.ports.web}` : "");
  if (!unlock) {
    const holder = lockHolder(files.lock);
    throw new Problem(
      `Hearth already runs from this folder (process ${holder?.pid ?? "unknown"}${holder?.note ? `, ${holder.note}` : ""}): use that one, or stop it with Ctrl-C where it was started.`,
    );
  }

  let synapse: ChildProcess | undefined;
  let bots: ChildProcess | undefined;
  let web: Awaited<ReturnType<typeof startWebServer>> | undefined;
  let ready: BotsReady | undefined;
  const asked = new WeakSet<ChildProcess>();
  const end = async (child: ChildProcess | undefined, signal?: NodeJS.Signals) => {
    if (!child) return;
    asked.add(child);
    await stopChild(child, signal);
  };
  const watch = (child: ChildProcess, part: "homeserver" | "bots") => {
    child.once("exit", () => {
      if (!asked.has(child)) options.onEnd?.(part);
    });
    return child;
  };
  let stopping: Promise<void> | undefined;
  const stop = () =>
    (stopping ??= (async () => {
      await end(bots);
      await web?.close();
      await end(synapse);
      unlock();
    })());

  try {
    const secrets = openSecrets(files);
    const { serverName, orgId, orgName } = openIdentity(files, {
      ...(options.serverName === undefined ? {} : { serverName: options.serverName }),
      ...(options.org === undefined ? {} : { orgId: options.org.id, orgName: options.org.name }),
    });
    const botUserId = `@hearth-bot:${serverName}`;
    const [free1 = 0, free2 = 0] = await freePorts(2);
    const port = options.ports?.synapse ?? free1;
    const appservicePort = options.ports?.appservice ?? free2;
    const homeserverUrl = `http://127.0.0.1:${port}`;

    // First, because its port is the one that a person chose and that may be taken.
    const server = await startWebServer({
      folder: options.web ? join(root, "client-web", "out") : undefined,
      homeserverUrl,
      botsUrl: `http://127.0.0.1:${appservicePort}`,
      port: options.ports?.web ?? 0,
      logPath: files.webLog,
    });
    web = server;

    writeSynapseConfig(files, secrets, {
      serverName,
      botUserId,
      port,
      appservicePort,
      webUrl: server.url,
      bcryptRounds: options.bcryptRounds ?? 12,
      accessTokenLifetime: options.accessTokenLifetime ?? "5m",
      nonRefreshableAccessTokenLifetime: options.nonRefreshableAccessTokenLifetime ?? "1h",
      redactionRetentionPeriod: options.redactionRetentionPeriod ?? "7d",
      policyModule: options.policyModule ?? true,
      overrides: options.synapseConfig ?? {},
    });
    await report("homeserver", async () => {
      synapse = watch(await startSynapse(files, port), "homeserver");
      await registerBot(homeserverUrl, secrets.asToken, botUserId);
      makeServerAdmin(files.database, botUserId);
      await backgroundUpdatesDone(files.database);
    });

    const botsSettings: BotsSettings = {
      homeserverUrl,
      serverName,
      asToken: secrets.asToken,
      hsToken: secrets.hsToken,
      port: appservicePort,
      orgId,
      orgName,
      webUrl: server.url,
      shortTimes: options.shortTimes ?? false,
    };
    const runBots = async () => {
      await end(bots);
      const started = await startBots(botsSettings, files.botsLog);
      bots = watch(started.child, "bots");
      ready = started.ready;
    };
    if (options.bots) await report("bots", runBots);

    return {
      homeserverUrl,
      webUrl: server.url,
      serverName,
      botUserId,
      orgId,
      get orgRoomId() {
        return ready?.orgRoomId ?? "";
      },
      get adminRoomId() {
        return ready?.adminRoomId ?? "";
      },
      databasePath: files.database,
      mediaPath: files.media,
      logPaths: [files.synapseLog, files.synapseOutput, files.botsLog, files.webLog],
      asToken: secrets.asToken,
      startBots: runBots,
      async stopBots(signal) {
        await end(bots, signal);
      },
      async startSynapse() {
        await end(synapse);
        synapse = watch(await startSynapse(files, port), "homeserver");
      },
      async stopSynapse(signal) {
        await end(synapse, signal);
      },
      stop,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
