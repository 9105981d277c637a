import {
  ClientEvent,
  CryptoEvent,
  type ReceivedToDeviceMessage,
  type VerificationRequest,
} from "../../sdk/names.ts";
import { z } from "zod";
import type { LiveSession } from "../../session/live.ts";
import { backendOf } from "../../sdk/patches.ts";
import { refreshDevices } from "../../sdk/machine.ts";

const TYPE = "m.key.verification.request";
const Ask = z.object({ from_device: z.string(), transaction_id: z.string() });

/**
 * Hands an ask to the crypto machine once more when it has dropped it. A device that is quick asks before the news of it
 * has reached the other side, whose crypto machine then drops the ask without a word (seen with matrix-js-sdk 43). Whether
 * it did is what the SDK says, and not whether the device is known now: the answer to a question for its keys may have
 * come between the two.
 */
export class UnknownAskers {
  readonly #live: LiveSession;
  /** Devices that were looked up because of an ask: once is enough, and nobody makes us ask the server for ever. */
  readonly #looked = new Set<string>();
  /** Asks that the machine has taken in; the SDK says so before it shows the message. */
  readonly #taken = new Set<string>();
  readonly #isHeard: (userId: string) => boolean;
  readonly #started = ({ otherUserId, transactionId }: VerificationRequest) =>
    this.#taken.add(nameOf(otherUserId, transactionId));
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
    live.client.on(CryptoEvent.VerificationRequestReceived, this.#started);
    live.client.on(ClientEvent.ReceivedToDeviceMessage, this.#received);
  }

  dispose(): void {
    this.#live.client.off(CryptoEvent.VerificationRequestReceived, this.#started);
    this.#live.client.off(ClientEvent.ReceivedToDeviceMessage, this.#received);
  }

  /** Asks the server for the device's keys and signatures, the first time that it is asked about. */
  async lookUp(userId: string, deviceId: string): Promise<void> {
    const device = nameOf(userId, deviceId);
    if (this.#looked.has(device)) return;
    await refreshDevices(this.#live.client, [userId]);
    this.#looked.add(device);
  }

  async #take(message: ReceivedToDeviceMessage["message"]): Promise<void> {
    const { client, stopped } = this.#live;
    const { sender } = message;
    const ask = Ask.safeParse(message.content).data;
    if (!ask) return;
    if (this.#taken.delete(nameOf(sender, ask.transaction_id)) || !this.#isHeard(sender)) return;
    const crypto = backendOf(client);
    const isKnown = async () =>
      (await crypto.getUserDeviceInfo([sender])).get(sender)?.has(ask.from_device) === true;
    if (!(await isKnown())) await this.lookUp(sender, ask.from_device);
    if (stopped.aborted || !(await isKnown())) return;
    await crypto.processSyncChanges({ toDeviceEvents: [message], useMsc4186: true });
    this.#taken.delete(nameOf(sender, ask.transaction_id));
  }
}

function nameOf(userId: string, id: string | undefined): string {
  return `${userId} ${id ?? ""}`;
}
