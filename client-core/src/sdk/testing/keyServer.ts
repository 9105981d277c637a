import {
  DeviceId as WasmDeviceId,
  initAsync,
  OlmMachine,
  UserId as WasmUserId,
} from "@matrix-org/matrix-sdk-crypto-wasm";
import type { UserId } from "@hearth/protocol";
import { MatrixClient, MemoryStore } from "matrix-js-sdk";
import { countIdentityChanges } from "../identityChanges.ts";
import { cryptoOf } from "../patches.ts";

const ME = "@example-me:hearth.localhost";

type Body = Readonly<Record<string, unknown>>;

/** A device with an identity that has signed it, made by the real crypto machine. */
export type MadeDevice = {
  readonly deviceId: string;
  readonly curve25519: string;
  /** The public master key, unpadded base64. */
  readonly master: string;
  readonly deviceKeys: Body;
  readonly masterKey: Body;
  readonly selfSigningKey: Body;
  readonly oneTimeKey: Body;
};

export async function makeDevice(userId: UserId, deviceId: string): Promise<MadeDevice> {
  await initAsync();
  const machine = await OlmMachine.initialize(new WasmUserId(userId), new WasmDeviceId(deviceId));
  const made = await machine.bootstrapCrossSigning(true);
  const identity = JSON.parse((made.uploadSigningKeysRequest as { body: string }).body) as {
    master_key: { keys: Record<string, string> };
    self_signing_key: Body;
  };
  const upload = JSON.parse((made.uploadKeysRequest as { body: string }).body) as {
    device_keys: Body;
    one_time_keys: Record<string, Body>;
  };
  const device = {
    deviceId,
    curve25519: machine.identityKeys.curve25519.toBase64(),
    master: Object.values(identity.master_key.keys)[0] ?? "",
    deviceKeys: upload.device_keys,
    masterKey: identity.master_key,
    selfSigningKey: identity.self_signing_key,
    oneTimeKey: Object.fromEntries(Object.entries(upload.one_time_keys).slice(0, 1)),
  };
  machine.close();
  return device;
}

/** Stands in for a homeserver that knows the keys of one person, and what a real client asks it for them. */
export class KeyServer {
  readonly #userId: UserId;
  /** What it says of the person now. */
  devices: readonly MadeDevice[] = [];
  identity: MadeDevice | undefined;
  /** What it does before it answers a claim of one-time keys. */
  beforeClaim: () => Promise<void> = () => Promise.resolve();

  constructor(userId: UserId) {
    this.#userId = userId;
  }

  /**
   * A client with real crypto; not syncing.
   * @param databasePrefix of its store in IndexedDB; without one it is in memory
   */
  async client(databasePrefix?: string): Promise<MatrixClient> {
    const client = new MatrixClient({
      baseUrl: "http://hearth.localhost",
      userId: ME,
      deviceId: "LAPTOP",
      accessToken: "none",
      store: new MemoryStore(),
      fetchFn: (input) => this.#answer(new URL(input instanceof Request ? input.url : input).pathname),
    });
    await client.initRustCrypto(
      databasePrefix === undefined
        ? { useIndexedDB: false }
        : { cryptoDatabasePrefix: databasePrefix, storageKey: new Uint8Array(32) },
    );
    const crypto = cryptoOf(client);
    countIdentityChanges(client);
    // Who has no identity of their own may not send by others'.
    await crypto.bootstrapCrossSigning({
      authUploadDeviceSigningKeys: (make) => make(null),
    });
    return client;
  }

  async #answer(path: string): Promise<Response> {
    const user = this.#userId;
    const { identity } = this;
    // As on a network, where nothing is answered within the same turn.
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (path.endsWith("/keys/upload"))
      return Response.json({ one_time_key_counts: { signed_curve25519: 50 } });
    if (path.endsWith("/keys/device_signing/upload") || path.endsWith("/keys/signatures/upload"))
      return Response.json({});
    if (path.endsWith("/keys/query"))
      return Response.json({
        device_keys: { [ME]: {}, [user]: this.#each(({ deviceKeys }) => deviceKeys) },
        ...(identity && {
          master_keys: { [user]: identity.masterKey },
          self_signing_keys: { [user]: identity.selfSigningKey },
        }),
      });
    if (!path.endsWith("/keys/claim")) return Response.json({ errcode: "M_NOT_FOUND" }, { status: 404 });
    await this.beforeClaim();
    return Response.json({ one_time_keys: { [user]: this.#each(({ oneTimeKey }) => oneTimeKey) } });
  }

  #each(part: (device: MadeDevice) => Body): Record<string, Body> {
    return Object.fromEntries(this.devices.map((device) => [device.deviceId, part(device)]));
  }
}
