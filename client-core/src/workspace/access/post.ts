import { UserId } from "@hearth/protocol";
import { ClientEvent } from "matrix-js-sdk";
import type { OlmEncryptionInfo } from "matrix-js-sdk/lib/crypto-api/index.js";
import type { SignedInSession } from "../../session/api.ts";
import { cryptoOf } from "../../session/sdk.ts";
import { followDevices } from "../sdkInternals.ts";

export type DeviceOf = { readonly userId: UserId; readonly deviceId: string };

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
  async signedDevicesOf(userIds: readonly UserId[]): Promise<DeviceOf[]> {
    const { client, userId: me, deviceId: own } = this.#session;
    const crypto = cryptoOf(client);
    await followDevices(client, userIds);
    const all = await crypto.getUserDeviceInfo([...userIds]);
    const found: DeviceOf[] = [];
    for (const [user, devices] of all)
      for (const deviceId of devices.keys()) {
        if (user === me && deviceId === own) continue;
        const status = await crypto.getDeviceVerificationStatus(user, deviceId);
        if (status?.signedByOwner === true) found.push({ userId: UserId.parse(user), deviceId });
      }
    return found;
  }

  /** @throws HttpFailure; sent twice when it is called again after an answer was lost */
  async send(type: string, devices: readonly DeviceOf[], content: object): Promise<void> {
    if (devices.length === 0) return;
    const { client, request } = this.#session;
    const { batch } = await cryptoOf(client).encryptToDeviceMessages(type, [...devices], content);
    if (batch.length === 0) return;
    const messages: Record<string, Record<string, unknown>> = {};
    for (const { userId, deviceId, payload } of batch) (messages[userId] ??= {})[deviceId] = payload;
    const path = `/_matrix/client/v3/sendToDevice/m.room.encrypted/a${this.#session.randomId()}`;
    await request("PUT", path, { messages });
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
