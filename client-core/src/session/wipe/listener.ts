import {
  KeyWipe,
  KeyWiped,
  UserId,
  type WipeRecord,
  type WipeRefusal,
  type WipeTarget,
  type WipeVerdict,
} from "@hearth/protocol";
import { ClientEvent } from "../../sdk/names.ts";
import type { ReceivedToDeviceMessage } from "../../sdk/names.ts";
import type { Environment } from "../environment.ts";
import { requestJson } from "../server/http.ts";
import type { LiveSession } from "../live.ts";
import { pause } from "../../work/clock.ts";
import { checkDevice, sealForDevice } from "../../sdk/toDevice.ts";
import { judge, lookUpWipe } from "./context.ts";
import type { WipeContext } from "./context.ts";
import type { WipeOrder } from "./watch.ts";

/** However many orders come, because anybody can send them: the device's roster is read, and our origin asked, no more often. */
const BETWEEN_BATCHES_MS = 1_000;
const BETWEEN_LOOKS_MS = 5_000;

/** Who sent the order, to be told when it is done: a device by the Curve25519 key that the order came with. */
export type Sender = {
  readonly userId: UserId;
  readonly deviceId: string;
  readonly curve25519: string;
};

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
    const { sender, senderDevice: deviceId, senderCurve25519KeyBase64: curve25519 } = info;
    const userId = UserId.safeParse(sender).data;
    const from = deviceId === undefined || !userId ? undefined : { userId, deviceId, curve25519 };
    this.#waiting.set(sender, { record: content.data.record, from });
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
      await pause(this.#live.clock, BETWEEN_BATCHES_MS, this.#live.stopped);
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
    if (this.#live.clock.monotonic() - this.#lookedAt <= BETWEEN_LOOKS_MS) return verdict;
    this.#lookedAt = this.#live.clock.monotonic();
    // Perhaps an admin since a moment ago, and the order was quicker than the roster.
    const found = await lookUpWipe(this.#options.environment, context, this.#live.stopped);
    return typeof found === "object" ? found : verdict;
  }
}

type Options = {
  readonly environment: Pick<Environment, "fetch" | "baseUrl" | "clock">;
  readonly context: () => Promise<WipeContext | undefined>;
  readonly onOrder: (order: WipeOrder, target: WipeTarget, from: Sender | undefined) => void;
  readonly onIgnored: (reason: WipeRefusal | "not_encrypted") => void;
};

/** A device that knows no roster knows no admin. */
const REFUSED = { obey: false, reason: "not_an_admin" } as const;

/**
 * Encrypts the answer while the crypto machine is still in memory; the root key is gone by then. It is the one message
 * between devices that `sendToDevices` does not send: it leaves when the machine is gone, and nothing before that may wait
 * for a server, which a claim of one-time keys would. So it is for the key that the order came with, with which there is
 * a session, and for no other that the device id may have been given since. Signed or not: it names the target, which
 * everybody can work out, and the order was judged by who signed it, not by who brought it.
 * @returns sends it, with the token that the session had; sends nothing if that device is not known (any more)
 */
export async function sealAnswer(
  live: Pick<LiveSession, "client" | "randomId">,
  to: Sender,
  target: WipeTarget,
): Promise<(environment: Pick<Environment, "fetch" | "baseUrl" | "clock">, token: string) => Promise<void>> {
  const looked = await checkDevice(live.client, to.userId, to.deviceId);
  if (looked?.curve25519 !== to.curve25519) return () => Promise.resolve();
  const sealed = await sealForDevice(live.client, looked, KeyWiped.type, { v: 1, target }, true);
  if (!sealed) return () => Promise.resolve();
  const messages = { [to.userId]: { [to.deviceId]: sealed } };
  const path = `/_matrix/client/v3/sendToDevice/m.room.encrypted/w${live.randomId()}`;
  return async (environment, token) => {
    await requestJson(environment, "PUT", path, { messages }, { token, timeoutMs: 4_000 });
  };
}
