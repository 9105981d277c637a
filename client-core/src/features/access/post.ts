import type { UserId } from "@hearth/protocol";
import { ClientEvent } from "../../sdk/names.ts";
import type { OlmEncryptionInfo } from "../../sdk/names.ts";
import type { SignedInSession } from "../../session/api.ts";
import { cryptoOf } from "../../sdk/patches.ts";
import { checkDevice, sendToDevices, type CheckedDevice } from "../../sdk/toDevice.ts";
import { followDevices } from "../../sdk/machine.ts";

/** A message between devices, as it came: nothing of it is believed yet. */
export type Received = {
  readonly type: string;
  readonly content: unknown;
  /** Undefined for one that came in the clear. */
  readonly info: OlmEncryptionInfo | null;
};

/** Messages between devices, through Olm, to signed devices only. */
export class OlmPost {
  readonly #session: SignedInSession;

  constructor(session: SignedInSession) {
    this.#session = session;
  }

  /** Those of these people's devices that their owners have signed; this one excepted. */
  async signedDevicesOf(userIds: readonly UserId[]): Promise<CheckedDevice[]> {
    const { client, userId: me, deviceId: own } = this.#session;
    await followDevices(client, userIds);
    const all = await cryptoOf(client).getUserDeviceInfo([...userIds]);
    const found: CheckedDevice[] = [];
    for (const userId of userIds)
      for (const deviceId of all.get(userId)?.keys() ?? []) {
        if (userId === me && deviceId === own) continue;
        const device = await checkDevice(client, userId, deviceId);
        if (device?.signed === true) found.push(device);
      }
    return found;
  }

  /**
   * @param mayHave see `sendToDevices`; without it, whoever had the devices when they were looked at
   * @returns those that it was sent to
   * @throws HttpFailure; sent twice when it is called again after an answer was lost
   */
  send(
    type: string,
    devices: readonly CheckedDevice[],
    content: object,
    mayHave: (device: CheckedDevice) => Promise<boolean> = () => Promise.resolve(true),
  ): Promise<CheckedDevice[]> {
    return sendToDevices(this.#session, type, devices, content, { mayHave });
  }

  /** To the device that has written to us, if it is signed (still). */
  async reply(type: string, to: Pick<CheckedDevice, "userId" | "deviceId">, content: object): Promise<void> {
    const device = await checkDevice(this.#session.client, to.userId, to.deviceId);
    if (device) await this.send(type, [device], content);
  }

  /** @returns what ends it */
  listen(types: ReadonlySet<string>, take: (message: Received) => void): () => void {
    const listener = ({
      message,
      encryptionInfo,
    }: {
      message: { type: string; content: unknown };
      encryptionInfo: OlmEncryptionInfo | null;
    }) => {
      if (types.has(message.type))
        take({ type: message.type, content: message.content, info: encryptionInfo });
    };
    const { client } = this.#session;
    client.on(ClientEvent.ReceivedToDeviceMessage, listener);
    return () => client.off(ClientEvent.ReceivedToDeviceMessage, listener);
  }
}
