import { DeviceId, OlmMachine, UserId } from "@matrix-org/matrix-sdk-crypto-wasm";

type Keys = Record<string, unknown>;

/** A device that a server makes up under somebody's name, with a whole identity of its own that signs it. */
export type ForgedDevice = {
  readonly userId: string;
  readonly deviceId: string;
  readonly curve25519: string;
  /** Signed by itself and by the identity. */
  readonly deviceKeys: Keys;
  readonly masterKey: Keys;
  readonly selfSigningKey: Keys;
  /** A one-time key as `/keys/claim` answers it: who has it can open an Olm session. */
  readonly oneTimeKey: Keys;
};

/** Real keys, made by the real crypto machine: only that nobody but the server knows of them is wrong. */
export async function forgeDevice(userId: string, deviceId: string): Promise<ForgedDevice> {
  const { forged, machine } = await forgeMachine(userId, deviceId);
  machine.close();
  return forged;
}

/** As `forgeDevice`, with what can read the messages that it is sent. @returns `machine` is the caller's to close */
export async function forgeMachine(
  userId: string,
  deviceId: string,
): Promise<{ forged: ForgedDevice; machine: OlmMachine }> {
  const machine = await OlmMachine.initialize(new UserId(userId), new DeviceId(deviceId));
  const made = await machine.bootstrapCrossSigning(true);
  const upload = JSON.parse((made.uploadKeysRequest as { body: string }).body) as {
    device_keys: Keys;
    one_time_keys?: Record<string, Keys>;
    fallback_keys?: Record<string, Keys>;
  };
  const identity = JSON.parse((made.uploadSigningKeysRequest as { body: string }).body) as {
    master_key: Keys;
    self_signing_key: Keys;
  };
  const [oneTimeKey] = Object.entries({ ...upload.one_time_keys, ...upload.fallback_keys });
  if (!oneTimeKey) throw new Error("the machine made no whole device");
  const forged = {
    userId,
    deviceId,
    curve25519: machine.identityKeys.curve25519.toBase64(),
    deviceKeys: upload.device_keys,
    masterKey: identity.master_key,
    selfSigningKey: identity.self_signing_key,
    oneTimeKey: Object.fromEntries([oneTimeKey]),
  };
  return { forged, machine };
}
