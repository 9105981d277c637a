import { RotateAsk, UserId, type RoomId } from "@hearth/protocol";
import { checkDevice, sendToDevices, type CheckedDevice } from "../../sdk/toDevice.ts";
import { cryptoOf } from "../../sdk/patches.ts";
import { followDevices } from "../../sdk/machine.ts";
import { ClientEvent, type ReceivedToDeviceMessage } from "../../sdk/names.ts";
import type { SignedInSession } from "../../session/api.ts";
import { background } from "../../workspace/background.ts";

export type RotateAsksDeps = {
  readonly session: SignedInSession;
  /** Whether this person is on the roster and joined in the room. */
  readonly isIn: (roomId: RoomId, userId: UserId) => boolean;
  /** Undefined when the device is one that its owner has signed, and its key is this. */
  readonly doubtDevice: (userId: UserId, deviceId: string, curve25519: string) => Promise<unknown>;
  /** Begins a new session with what this device writes next in the room. */
  readonly rotate: (roomId: RoomId) => Promise<void>;
  /** The key block of now. */
  readonly block: () => number;
};

/**
 * A device that has deleted the key of a session that is still in use, since its clock was wrong for long, say, asks the
 * sender's devices for a new one (SPEC [K9]). Nobody gives the old key again.
 */
export class RotateAsks {
  readonly #deps: RotateAsksDeps;
  /** By room, who asks, and block: each is heard once. */
  readonly #heard = new Set<string>();
  readonly #received = ({ message, encryptionInfo: info }: ReceivedToDeviceMessage) => {
    if (message.type !== RotateAsk.type || !info) return;
    const { session } = this.#deps;
    background(session, "rotating a session that somebody can't read", this.#hear(message.content, info));
  };

  constructor(deps: RotateAsksDeps) {
    this.#deps = deps;
    deps.session.client.on(ClientEvent.ReceivedToDeviceMessage, this.#received);
  }

  dispose(): void {
    this.#deps.session.client.off(ClientEvent.ReceivedToDeviceMessage, this.#received);
  }

  /** Asks each of this person's signed devices. @returns whether one was asked */
  async ask(roomId: RoomId, userId: UserId): Promise<boolean> {
    const { session } = this.#deps;
    const { client } = session;
    await followDevices(client, [userId]);
    const known = (await cryptoOf(client).getUserDeviceInfo([userId])).get(userId);
    const devices: CheckedDevice[] = [];
    for (const deviceId of known?.keys() ?? []) {
      if (userId === session.userId && deviceId === session.deviceId) continue;
      const device = await checkDevice(client, userId, deviceId);
      if (device?.signed === true) devices.push(device);
    }
    const mayHave = () => Promise.resolve(this.#deps.isIn(roomId, userId));
    const content = { v: 1, room_id: roomId };
    return (await sendToDevices(session, RotateAsk.type, devices, content, { mayHave })).length > 0;
  }

  async #hear(content: unknown, info: NonNullable<ReceivedToDeviceMessage["encryptionInfo"]>): Promise<void> {
    const { isIn, doubtDevice, rotate, block } = this.#deps;
    const roomId = RotateAsk.schema.safeParse(content).data?.room_id;
    const from = UserId.safeParse(info.sender).data;
    const { senderDevice: device, senderCurve25519KeyBase64: key } = info;
    if (roomId === undefined || from === undefined || device === undefined || !isIn(roomId, from)) return;
    const ask = `${roomId} ${from} ${block()}`;
    if (this.#heard.has(ask) || (await doubtDevice(from, device, key)) !== undefined) return;
    this.#heard.add(ask);
    await rotate(roomId);
  }
}
