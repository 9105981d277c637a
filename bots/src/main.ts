// The bots' process. Configured by the environment alone; says on its standard output, in one line of JSON, when it is
// ready, and writes its log to standard error.
import { VERSION } from "@hearth/protocol";
import { createBot, wakes } from "./bot.ts";
import { openDoorbell } from "./doorbell.ts";
import { HomeserverError, isPassing } from "./homeserver.ts";
import { createLog } from "./log.ts";
import { connectHomeserver } from "./matrixBotSdk.ts";
import { persist, startPump } from "./pump.ts";
import { readSettings } from "./settings.ts";
import type { Settings } from "./settings.ts";

const log = createLog((line) => process.stderr.write(line), Date.now);

async function run(settings: Settings, signal: AbortSignal): Promise<void> {
  const homeserver = connectHomeserver({
    url: settings.homeserverUrl,
    asToken: settings.asToken,
    botUserId: settings.botUserId,
  });
  if (settings.shortTimes)
    log.warn(
      "HEARTH_SHORT_TIMES is on: the policy may name times so short that every device destroys its keys. For trials only.",
    );
  let wake = () => {};
  const bot = createBot({
    homeserver,
    org: { id: settings.orgId, name: settings.orgName },
    asToken: settings.asToken,
    webUrl: settings.webUrl,
    shortTimes: settings.shortTimes,
    clock: Date.now,
    log,
    wakeIn: (ms) => void setTimeout(() => wake(), ms).unref(),
  });
  const rooms = await persist(() => bot.start(), {
    log,
    what: "the homeserver is not ready",
    signal,
    worthwhile: isPassing,
  });
  if (!rooms) return;

  const doorbell = await openDoorbell({
    port: settings.port,
    hsToken: settings.hsToken,
    wakes: (event) => wakes(event, settings.botUserId),
    onRing: () => wake(),
    answer: (path) => bot.answerWipe(path),
  });
  const pump = startPump(() => bot.step(), log);
  wake = () => pump.wake();
  // What happened while nobody listened waits at the homeserver for up to minutes. Without the ping it is read anyway,
  // by the first step; but the homeserver would go on waiting before it tells of what comes next.
  const pinged = persist(() => homeserver.ping(), {
    log,
    what: "the homeserver could not ping back",
    signal,
    worthwhile: () => true,
  });
  process.stdout.write(`${JSON.stringify({ ready: true, ...rooms, botUserId: settings.botUserId })}\n`);
  log.info(`Hearth ${VERSION} is ready for the org "${settings.orgId}"`);

  if (!signal.aborted)
    await new Promise((resolve) => {
      signal.addEventListener("abort", resolve, { once: true });
    });
  await pump.stop();
  await pinged;
  await doorbell.close();
}

/** For an error that nobody can wait out: what is wrong, in a sentence, where that is known. */
function explain(error: unknown, settings: Settings): string {
  if (error instanceof HomeserverError && error.errcode === "M_UNKNOWN_TOKEN")
    return "Synapse does not know HEARTH_AS_TOKEN: use the as_token of its appservice registration, and restart Synapse after changing that.";
  if (error instanceof Error && "code" in error && error.code === "EADDRINUSE")
    return `Port ${settings.port} (HEARTH_AS_PORT) is taken: stop what uses it, perhaps other bots, or choose another one here and in the appservice registration.`;
  return `The bots can't start: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}

async function main(): Promise<number> {
  const read = readSettings(process.env);
  if (!read.ok) {
    for (const problem of read.problems) log.error(problem);
    return 2;
  }
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
  // For a launcher that can't send signals any more because it was killed: its end of the pipe closes.
  if (process.env["HEARTH_STOP_WITH_STDIN"] === "1")
    process.stdin.resume().once("end", stop).once("close", stop);
  try {
    await run(read.settings, stopping.signal);
    log.info("stopped");
    return 0;
  } catch (error) {
    log.error(explain(error, read.settings));
    return 1;
  }
}

process.exit(await main());
