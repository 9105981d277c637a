import { ClientEvent, type ReceivedToDeviceMessage } from "../../sdk/names.ts";
import { z } from "zod";
import type { LiveSession } from "../../session/live.ts";
import { backendOf } from "../../sdk/patches.ts";
import { refreshDevices } from "../../sdk/machine.ts";

const TYPE = "m.key.verification.request";
const Ask = z.object({ from_device: z.string(), transaction_id: z.string() });

/**
 * Hands an ask to the crypto machine once more when the device that it came from has become known. A device that is
 * quick asks before the news of it has reached the other side, whose crypto machine then drops the ask without a word
 * (seen with matrix-js-sdk 43).
 */
export class UnknownAskers {
  readonly #live: LiveSession;
  /** Devices that were looked up because of an ask: once is enough, and nobody makes us ask the server for ever. */
  readonly #looked = new Set<string>();
  readonly #isHeard: (userId: string) => boolean;
  readonly #received = ({ message }: ReceivedToDeviceMessage) => {
    if (message.type === TYPE)
      this.#take(message).catch((error: unknown) =>
        this.#live.log("info", "an ask of an unknown device was not taken in", error),
      );
  };

  /** @param isHeard whether asks of this person are wanted at all */
  constructor(live: LiveSession, isHeard: (userId: string) => boolean) {
    this.#live = live;
    this.#isHeard = isHeard;
    live.client.on(ClientEvent.ReceivedToDeviceMessage, this.#received);
  }

  dispose(): void {
    this.#live.client.off(ClientEvent.ReceivedToDeviceMessage, this.#received);
  }

  async #take(message: ReceivedToDeviceMessage["message"]): Promise<void> {
    const { client, stopped } = this.#live;
    const { sender } = message;
    const ask = Ask.safeParse(message.content).data;
    if (!ask || !this.#isHeard(sender)) return;
    const device = `${sender} ${ask.from_device}`;
    const crypto = backendOf(client);
    const isKnown = async () =>
      (await crypto.getUserDeviceInfo([sender])).get(sender)?.has(ask.from_device) === true;
    if (this.#looked.has(device) || (await isKnown())) return;
    this.#looked.add(device);
    await refreshDevices(client, [sender]);
    if (stopped.aborted || !(await isKnown())) return;
    await crypto.processSyncChanges({ toDeviceEvents: [message], useMsc4186: true });
  }
}
