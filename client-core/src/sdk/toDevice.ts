import type { UserId } from "@hearth/protocol";
import {
  CollectStrategy,
  DeviceId as WasmDeviceId,
  UserId as WasmUserId,
} from "@matrix-org/matrix-sdk-crypto-wasm";
import type { Device } from "@matrix-org/matrix-sdk-crypto-wasm";
import type { MatrixClient } from "matrix-js-sdk";
import type { SignedInSession } from "../session/api.ts";
import { identityChangesOf } from "./identityChanges.ts";
import { internalsOf } from "./patches.ts";

/**
 * A device as it was looked at. What is sent to it is encrypted with just these keys, or not sent: a device id is the
 * server's to give away anew.
 */
export type CheckedDevice = {
  readonly userId: UserId;
  readonly deviceId: string;
  /** Unpadded base64, as all keys here. */
  readonly curve25519: string;
  readonly ed25519: string;
  /** By its owner's identity as it was then. */
  readonly signed: boolean;
  /** How often the owner's identity had changed by then; see `identityChangesOf`. */
  readonly changes: number;
};

/** @returns undefined when the crypto machine doesn't know the device, or no keys of it */
export function checkDevice(
  client: MatrixClient,
  userId: UserId,
  deviceId: string,
): Promise<CheckedDevice | undefined> {
  const changes = identityChangesOf(client, userId);
  return withDevice(client, userId, deviceId, (device) => {
    const keys = keysOf(device);
    const signed = device.isCrossSignedByOwner();
    return Promise.resolve(keys && { userId, deviceId, ...keys, signed, changes });
  });
}

/**
 * One message for several devices, through Olm. The server may hold any of the requests in here for as long as it likes,
 * and change what it says of devices and identities meanwhile. So each device is encrypted for by the keys that were
 * looked at, from one handle that also says whether its owner has signed it; and right before the message leaves, the
 * owner's identity must be the one that it was when the caller began to look.
 * @param options.unsignedToo for what is no secret
 * @param options.mayHave asked for each device when its message is encrypted and has not left: the caller's own question
 * of who it is for. No is no for this device only
 * @returns those that it was sent to; the others got nothing, and may be looked at and tried again
 * @throws HttpFailure; sent twice when it is called again after an answer was lost
 */
export async function sendToDevices(
  session: Pick<SignedInSession, "client" | "request" | "randomId" | "log">,
  type: string,
  devices: readonly CheckedDevice[],
  content: object,
  options: {
    readonly mayHave: (device: CheckedDevice) => Promise<boolean>;
    readonly unsignedToo?: boolean;
  },
): Promise<CheckedDevice[]> {
  const { client } = session;
  const wanted = devices.filter(({ signed }) => signed || options.unsignedToo === true);
  if (wanted.length === 0) return [];
  const users = [...new Set(wanted.map(({ userId }) => userId))].map((userId) => new WasmUserId(userId));
  // Through the SDK's own: the machine takes one such question at a time.
  await internalsOf(client).keyClaimManager.ensureSessionsForUsers({ info: () => {} }, users);
  const sealed = new Map<CheckedDevice, Record<string, unknown>>();
  for (const device of wanted) {
    const payload = await sealForDevice(client, device, type, content, options.unsignedToo === true);
    if (payload && (await options.mayHave(device))) sealed.set(device, payload);
    else session.log("warn", "a message is not sent to a device: it has changed, or can't be encrypted for");
  }
  const messages: Record<string, Record<string, unknown>> = {};
  const sent: CheckedDevice[] = [];
  for (const [device, payload] of sealed) {
    if (identityChangesOf(client, device.userId) !== device.changes) continue;
    (messages[device.userId] ??= {})[device.deviceId] = payload;
    sent.push(device);
  }
  if (sent.length === 0) return [];
  const path = `/_matrix/client/v3/sendToDevice/m.room.encrypted/d${session.randomId()}`;
  await session.request("PUT", path, { messages });
  return sent;
}

/**
 * One encrypted message for one device, by the session that there is with it. The SDK's own `encryptToDeviceMessages`
 * keeps hold of the device, and so of the store's database, until some later collection of garbage (seen with
 * matrix-js-sdk 43): a store that is about to be deleted can't wait for that. It also looks devices up by their id alone.
 * @param looked what the device has to be still
 * @returns the content of an `m.room.encrypted`; undefined when the device is not known, not that one, or has no session
 */
export function sealForDevice(
  client: MatrixClient,
  looked: CheckedDevice,
  type: string,
  content: object,
  unsignedToo: boolean,
): Promise<Record<string, unknown> | undefined> {
  return withDevice(client, looked.userId, looked.deviceId, async (device) => {
    const keys = keysOf(device);
    if (keys?.curve25519 !== looked.curve25519 || keys.ed25519 !== looked.ed25519) return undefined;
    // Used up by the call.
    const strategy = unsignedToo ? undefined : CollectStrategy.identityBasedStrategy();
    try {
      return JSON.parse(await device.encryptToDeviceEvent(type, content, strategy)) as Record<
        string,
        unknown
      >;
    } catch {
      // One without a one-time key left, say, must not keep the others from being told.
      return undefined;
    }
  });
}

async function withDevice<T>(
  client: MatrixClient,
  userId: string,
  deviceId: string,
  use: (device: Device) => Promise<T | undefined>,
): Promise<T | undefined> {
  const { olmMachine } = internalsOf(client);
  const device = await olmMachine.getDevice(new WasmUserId(userId), new WasmDeviceId(deviceId));
  if (!device) return undefined;
  try {
    return await use(device);
  } finally {
    device.free();
  }
}

function keysOf(device: Device): { curve25519: string; ed25519: string } | undefined {
  const curve = device.curve25519Key;
  const ed = device.ed25519Key;
  try {
    return curve && ed && { curve25519: curve.toBase64(), ed25519: ed.toBase64() };
  } finally {
    curve?.free();
    ed?.free();
  }
}
