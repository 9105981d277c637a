import { KeyWipe, KeyWiped, wipeTarget, type WipeRefusal, type WipeTarget } from "@hearth/protocol";
import { ClientEvent } from "matrix-js-sdk";
import type { ReceivedToDeviceMessage } from "matrix-js-sdk/lib/sync-accumulator.js";
import type { Environment } from "../environment.ts";
import { requestJson } from "../http.ts";
import type { LiveSession } from "../live.ts";
import { sealForDevice } from "../toDevice.ts";
import { judge, lookUpWipe } from "./context.ts";
import type { WipeContext } from "./context.ts";
import type { WipeOrder } from "./watch.ts";

/** However many orders come: anybody can send them. */
const BETWEEN_LOOKS_MS = 5_000;

/** Who sent the order, to be told when it is done. */
export type Sender = { readonly userId: string; readonly deviceId: string };

/** Hears `org.hearth.key_wipe`, and lets through what this device must heed. */
export class WipeListener {
  readonly #live: LiveSession;
  readonly #listener: (received: ReceivedToDeviceMessage) => void;

  constructor(
    live: LiveSession,
    options: {
      readonly environment: Pick<Environment, "fetch" | "baseUrl">;
      readonly context: () => Promise<WipeContext | undefined>;
      readonly onOrder: (order: WipeOrder, target: WipeTarget, from: Sender | undefined) => void;
      readonly onIgnored: (reason: WipeRefusal | "not_encrypted") => void;
    },
  ) {
    this.#live = live;
    let lookedAt = -Infinity;
    const hear = async ({ message, encryptionInfo: info }: ReceivedToDeviceMessage): Promise<void> => {
      if (message.type !== KeyWipe.type) return;
      // The record would be as good in the clear, but no client of ours sends it so: somebody else is trying things.
      if (!info) return options.onIgnored("not_encrypted");
      const content = KeyWipe.schema.safeParse(message.content);
      if (!content.success) return options.onIgnored("malformed");
      const context = await options.context();
      if (!context) return options.onIgnored("not_an_admin");
      let verdict = await judge(content.data.record, context);
      if (
        !verdict.obey &&
        verdict.reason === "not_an_admin" &&
        performance.now() - lookedAt > BETWEEN_LOOKS_MS
      ) {
        lookedAt = performance.now();
        // Perhaps an admin since a moment ago, and the order was quicker than the roster.
        const found = await lookUpWipe(options.environment, context, live.stopped);
        if (typeof found === "object") verdict = found;
      }
      if (live.stopped.aborted) return;
      if (!verdict.obey) return options.onIgnored(verdict.reason);
      const from =
        info.senderDevice === undefined ? undefined : { userId: info.sender, deviceId: info.senderDevice };
      options.onOrder(verdict, wipeTarget(context.own), from);
    };
    this.#listener = (received) => {
      hear(received).catch((error: unknown) => live.log("warn", "a wipe could not be looked at", error));
    };
    live.client.on(ClientEvent.ReceivedToDeviceMessage, this.#listener);
  }

  dispose(): void {
    this.#live.client.off(ClientEvent.ReceivedToDeviceMessage, this.#listener);
  }
}

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
