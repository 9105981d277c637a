import type { ClientPort } from "../contract/index.ts";
import type { Log } from "../session/api.ts";
import { HearthClient } from "../session/client.ts";
import { MemoryStorage } from "../session/storage/memory.ts";
import type { MemoryDump } from "../session/storage/memory.ts";
import { noTabLock } from "../session/tabLock.ts";
import type { Patience } from "../features/verification/patience.ts";
import type { Fetch } from "../session/server/http.ts";
import { systemClock } from "../work/clock.ts";
import type { Clock } from "../work/clock.ts";

export { MemoryStorage };
export type { MemoryDump };

export type NodeClientOptions = {
  /** Where `/_matrix` answers: a homeserver, or the web server in front of it. */
  readonly baseUrl: string;
  /** Handed to a second client after the first was disposed, it stands for a reload. Default: empty and its own. */
  readonly storage?: MemoryStorage;
  /** Default: the global one. */
  readonly fetch?: Fetch;
  readonly log?: Log;
  /** Default: the device's. */
  readonly clock?: Clock;
  /** Another date than the clock's. */
  readonly now?: () => number;
  readonly patience?: Patience;
};

/** A client in this process, for tests, seeding and commands. Whatever it stores is gone with the process. */
export async function createNodeClient(options: NodeClientOptions): Promise<ClientPort> {
  const { clock = systemClock } = options;
  const client = new HearthClient({
    baseUrl: options.baseUrl.replace(/\/$/, ""),
    fetch: options.fetch ?? ((url, init) => fetch(url, init)),
    storage: options.storage ?? new MemoryStorage(),
    makeLock: () => noTabLock,
    browserName: "Node",
    log: options.log ?? (() => {}),
    clock: options.now === undefined ? clock : { ...clock, now: options.now },
    ...(options.patience === undefined ? {} : { patience: options.patience }),
  });
  await client.start();
  return client;
}
