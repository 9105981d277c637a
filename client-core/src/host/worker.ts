import type { FromWorker, Slice, ToWorker, Views } from "../contract/index.ts";
import { HearthClient } from "../session/client.ts";
import { browserStorage } from "../session/storage/browser.ts";
import { browserTabLock } from "../session/tabLock.ts";
import { PublishedViews } from "../session/views.ts";
import { systemClock } from "../work/clock.ts";

/**
 * Entry of the dedicated worker: the client on one side, messages on the other. The page that starts it says where
 * `/_matrix` answers, which is the page's own origin.
 */
const scope = globalThis as unknown as DedicatedWorkerGlobalScope;
const post = (message: FromWorker) => scope.postMessage(message);

let client: HearthClient | undefined;

scope.addEventListener("message", (event: MessageEvent<ToWorker>) => void handle(event.data));

async function handle(message: ToWorker): Promise<void> {
  switch (message.kind) {
    case "start":
      client ??= startClient(message.origin);
      break;
    case "run": {
      const { call, name, arg } = message;
      const outcome = client
        ? await client.run(name, arg as never)
        : ({ ok: false, code: "unexpected", message: "The client has not been started." } as const);
      post({ kind: "answer", call, outcome });
      break;
    }
    case "dispose":
      await client?.dispose();
      post({ kind: "disposed" });
      scope.close();
      break;
  }
}

function startClient(origin: string): HearthClient {
  const views = new PublishedViews((slice: Slice, value: Views[Slice] | undefined) =>
    post({ kind: "view", slice, value }),
  );
  const started = new HearthClient(
    {
      baseUrl: origin,
      fetch: (url, init) => fetch(url, init),
      storage: browserStorage(),
      makeLock: (onAskedToLeave) => browserTabLock(onAskedToLeave, systemClock),
      browserName: browserName(navigator.userAgent),
      // What a person typed could stand in a detail, and a browser's console can be shared: nothing is written there.
      log: () => {},
      clock: systemClock,
      clearSiteData: async () => {
        await fetch(`${origin}/clear-site-data`, { cache: "no-store", signal: AbortSignal.timeout(3_000) });
      },
    },
    views,
  );
  void started.start();
  return started;
}

/** Enough for a person to tell their devices apart. */
function browserName(userAgent: string): string {
  const system = /Android|iPhone|iPad|Windows|Mac OS|CrOS|Linux/.exec(userAgent)?.[0];
  const browser = /Firefox|Edg|OPR|Chrome|Safari/.exec(userAgent)?.[0];
  const names: Record<string, string> = { Edg: "Edge", OPR: "Opera", "Mac OS": "Mac", CrOS: "ChromeOS" };
  return [browser, system]
    .filter((name) => name !== undefined)
    .map((name) => names[name] ?? name)
    .join(" on ");
}
