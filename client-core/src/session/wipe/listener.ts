import {
  KeyWipe,
  KeyWiped,
  type WipeRecord,
  type WipeRefusal,
  type WipeTarget,
  type WipeVerdict,
} from "@hearth/protocol";
import { ClientEvent } from "matrix-js-sdk";
import type { ReceivedToDeviceMessage } from "matrix-js-sdk/lib/sync-accumulator.js";
import type { Environment } from "../environment.ts";
import { requestJson } from "../http.ts";
import type { LiveSession } from "../live.ts";
import { pause } from "../pause.ts";
import { sealForDevice } from "../toDevice.ts";
import { judge, lookUpWipe } from "./context.ts";
import type { WipeContext } from "./context.ts";
import type { WipeOrder } from "./watch.ts";

/** However many orders come, because anybody can send them: the device's roster is read, and our origin asked, no more often. */
const BETWEEN_BATCHES_MS = 1_000;
const BETWEEN_LOOKS_MS = 5_000;

/** Who sent the order, to be told when it is done. */
export type Sender = { readonly userId: string; readonly deviceId: string };

type Heard = { readonly record: WipeRecord; readonly from: Sender | undefined };

/**
 * Hears `org.hearth.key_wipe`, and lets through what this device must heed. The first is judged at once; what comes
 * meanwhile is judged together afterwards, of each person the newest, by the roster as it is then.
 */
export class WipeListener {
  readonly #live: LiveSession;
  readonly #options: Options;
  readonly #listener: (received: ReceivedToDeviceMessage) => void;
  /** By who sent it: nobody can put another one's order out of its place. */
  readonly #waiting = new Map<string, Heard>();
  #working = false;
  #lookedAt = -Infinity;

  constructor(live: LiveSession, options: Options) {
    this.#live = live;
    this.#options = options;
    this.#listener = (received) => this.#hear(received);
    this.#live.client.on(ClientEvent.ReceivedToDeviceMessage, this.#listener);
  }

  dispose(): void {
    this.#waiting.clear();
    this.#live.client.off(ClientEvent.ReceivedToDeviceMessage, this.#listener);
  }

  #hear({ message, encryptionInfo: info }: ReceivedToDeviceMessage): void {
    if (message.type !== KeyWipe.type) return;
    // The record would be as good in the clear, but no client of ours sends it so: somebody else is trying things.
    if (!info) return this.#options.onIgnored("not_encrypted");
    const content = KeyWipe.schema.safeParse(message.content);
    if (!content.success) return this.#options.onIgnored("malformed");
    const { sender: userId, senderDevice: deviceId } = info;
    const from = deviceId === undefined ? undefined : { userId, deviceId };
    this.#waiting.set(userId, { record: content.data.record, from });
    if (!this.#working) void this.#work();
  }

  async #work(): Promise<void> {
    this.#working = true;
    while (this.#waiting.size > 0 && !this.#live.stopped.aborted) {
      try {
        await this.#judgeWaiting();
      } catch (error) {
        this.#live.log("warn", "a wipe could not be looked at", error);
      }
      await pause(BETWEEN_BATCHES_MS, this.#live.stopped);
    }
    this.#working = false;
  }

  async #judgeWaiting(): Promise<void> {
    const batch = [...this.#waiting.values()];
    this.#waiting.clear();
    const context = await this.#options.context();
    for (const { record, from } of batch) {
      const verdict = context ? await this.#judge(record, context) : REFUSED;
      if (this.#live.stopped.aborted) return;
      if (verdict.obey && context) return this.#options.onOrder(verdict, context.target, from);
      if (!verdict.obey) this.#options.onIgnored(verdict.reason);
    }
  }

  async #judge(record: WipeRecord, context: WipeContext): Promise<WipeVerdict> {
    const verdict = await judge(record, context);
    if (verdict.obey || verdict.reason !== "not_an_admin") return verdict;
    if (performance.now() - this.#lookedAt <= BETWEEN_LOOKS_MS) return verdict;
    this.#lookedAt = performance.now();
    // Perhaps an admin since a moment ago, and the order was quicker than the roster.
    const found = await lookUpWipe(this.#options.environment, context, this.#live.stopped);
    return typeof found === "object" ? found : verdict;
  }
}

type Options = {
  readonly environment: Pick<Environment, "fetch" | "baseUrl">;
  readonly context: () => Promise<WipeContext | undefined>;
  readonly onOrder: (order: WipeOrder, target: WipeTarget, from: Sender | undefined) => void;
  readonly onIgnored: (reason: WipeRefusal | "not_encrypted") => void;
};

/** A device that knows no roster knows no admin. */
const REFUSED = { obey: false, reason: "not_an_admin" } as const;

/**
 * Encrypts the answer while the crypto machine is still in memory; the root key is gone by then.
 * @returns sends it, with the token that the session had
 */
export async function sealAnswer(
  live: LiveSession,
  to: Sender,
  target: WipeTarget,
): Promise<(environment: Pick<Environment, "fetch" | "baseUrl">, token: string) => Promise<void>> {
  const sealed = await sealForDevice(live.client, to, KeyWiped.type, { v: 1, target });
  const messages = sealed ? { [to.userId]: { [to.deviceId]: sealed } } : {};
  const path = `/_matrix/client/v3/sendToDevice/m.room.encrypted/w${live.randomId()}`;
  return async ({ fetch, baseUrl }, token) => {
    await requestJson(fetch, baseUrl, "PUT", path, { messages }, { token, timeoutMs: 4_000 });
  };
}
