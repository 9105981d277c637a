import type { Backend } from "../../sdk/patches.ts";
import type { SyncCryptoChanges } from "../../sdk/names.ts";
import type { LiveSession } from "../../session/live.ts";
import { pause } from "../../work/clock.ts";
import { sendOutgoingRequests } from "../../sdk/client.ts";
import { backendOf } from "../../sdk/patches.ts";

const PATH = "/_matrix/client/unstable/org.matrix.simplified_msc3575/sync";
const LONG_POLL_MS = 10_000;

type Answer = {
  pos: string;
  extensions?: {
    to_device?: { events?: SyncCryptoChanges["toDeviceEvents"]; next_batch?: string };
    e2ee?: {
      device_lists?: SyncCryptoChanges["deviceLists"];
      device_one_time_keys_count?: SyncCryptoChanges["oneTimeKeysCounts"];
      device_unused_fallback_key_types?: string[];
    };
  };
};

/**
 * What a device hears before it is set up: messages from other devices and changes of keys, and no room. The workspace's
 * sync starts only afterwards, and there is never more than one of the two.
 */
export class EarlySync {
  readonly #live: LiveSession;
  #running: { readonly stop: AbortController; readonly done: Promise<void> } | undefined;

  constructor(live: LiveSession) {
    this.#live = live;
  }

  start(): void {
    if (this.#running) return;
    const stop = new AbortController();
    const done = this.#loop(AbortSignal.any([stop.signal, this.#live.stopped])).catch(() => undefined);
    this.#running = { stop, done };
  }

  /** Resolves when what was under way has been taken in. */
  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    running?.stop.abort();
    await running?.done;
  }

  async #loop(stopped: AbortSignal): Promise<void> {
    const { client, request, clock, log } = this.#live;
    const crypto = backendOf(client);
    let pos: string | undefined;
    let since: string | undefined;
    for (let failures = 0; !stopped.aborted;) {
      try {
        const query = `?timeout=${LONG_POLL_MS}${pos === undefined ? "" : `&pos=${encodeURIComponent(pos)}`}`;
        const body = {
          conn_id: "early",
          lists: {},
          extensions: {
            to_device: { enabled: true, limit: 100, ...(since === undefined ? {} : { since }) },
            e2ee: { enabled: true },
          },
        };
        const answer = await request<Answer>("POST", PATH + query, body, {
          signal: stopped,
          timeoutMs: 3 * LONG_POLL_MS,
        });
        await this.#take(crypto, answer);
        pos = answer.pos;
        since = answer.extensions?.to_device?.next_batch ?? since;
        failures = 0;
      } catch (error) {
        if (stopped.aborted) return;
        log("info", "could not listen for other devices", error);
        pos = undefined;
        failures += 1;
        await pause(clock, Math.min(3_000, 250 * 2 ** failures), stopped);
      }
    }
  }

  async #take(crypto: Backend, { extensions }: Answer): Promise<void> {
    const { device_lists, device_one_time_keys_count, device_unused_fallback_key_types } =
      extensions?.e2ee ?? {};
    await crypto.processSyncChanges({
      toDeviceEvents: extensions?.to_device?.events ?? [],
      useMsc4186: true,
      ...(device_lists === undefined ? {} : { deviceLists: device_lists }),
      ...(device_one_time_keys_count === undefined ? {} : { oneTimeKeysCounts: device_one_time_keys_count }),
      ...(device_unused_fallback_key_types === undefined
        ? {}
        : { unusedFallbackKeys: device_unused_fallback_key_types }),
    });
    await sendOutgoingRequests(this.#live.client);
  }
}
