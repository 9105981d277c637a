import {
  OlmMachine,
  DeviceId as WasmDeviceId,
  initAsync,
  UserId as WasmUserId,
} from "@matrix-org/matrix-sdk-crypto-wasm";
import { UserId } from "@hearth/protocol";
import { MatrixClient, MemoryStore, type Room as SdkRoom } from "matrix-js-sdk";
import { afterEach, beforeEach, expect, test } from "vitest";
import { countIdentityChanges } from "../session/identityChanges.ts";
import { cryptoOf } from "../session/sdk.ts";
import type { Org } from "./org.ts";
import { Recipients } from "./recipients.ts";
import type { RosterBook } from "./roster/book.ts";
import { followDevicesAnew, masterKeyOf } from "./sdkInternals.ts";

const ME = "@example-me:hearth.localhost";
const SAM = UserId.parse("@example-sam:hearth.localhost");
const ROOM = "!request";

type Identity = { readonly master: string; readonly answer: Readonly<Record<string, unknown>> };
type Body = Readonly<Record<string, unknown>>;

let client: MatrixClient;
let recipients: Recipients;
let room: SdkRoom;
/** What the server says whose keys Sam has. */
let shown: Identity;
let real: Identity;

/** Made by the real crypto machine, as everything here but the server. */
async function newIdentity(): Promise<Identity> {
  const machine = await OlmMachine.initialize(new WasmUserId(SAM), new WasmDeviceId("PHONE"));
  const made = await machine.bootstrapCrossSigning(true);
  const keys = JSON.parse((made.uploadSigningKeysRequest as { body: string }).body) as {
    master_key: { keys: Record<string, string> };
    self_signing_key: Body;
  };
  const upload = JSON.parse((made.uploadKeysRequest as { body: string }).body) as { device_keys: Body };
  machine.close();
  return {
    master: Object.values(keys.master_key.keys)[0] ?? "",
    answer: {
      device_keys: { [SAM]: { PHONE: upload.device_keys } },
      master_keys: { [SAM]: keys.master_key },
      self_signing_keys: { [SAM]: keys.self_signing_key },
    },
  };
}

const answers: Readonly<Record<string, () => Body>> = {
  "/keys/query": () => shown.answer,
  "/keys/upload": () => ({ one_time_key_counts: { signed_curve25519: 50 } }),
};

beforeEach(async () => {
  await initAsync();
  real = await newIdentity();
  shown = real;
  client = new MatrixClient({
    baseUrl: "http://hearth.localhost",
    userId: ME,
    deviceId: "LAPTOP",
    accessToken: "none",
    store: new MemoryStore(),
    fetchFn: (input) => {
      const { pathname } = new URL(input instanceof Request ? input.url : input);
      const found = Object.entries(answers).find(([end]) => pathname.endsWith(end));
      return Promise.resolve(Response.json(found?.[1]() ?? {}, { status: found ? 200 : 404 }));
    },
  });
  await client.initRustCrypto({ useIndexedDB: false });
  countIdentityChanges(client, cryptoOf(client) as never);
  recipients = new Recipients({
    client,
    org: () =>
      ({
        access: { members: new Map([["example-sam:hearth.localhost", { joined_at: 0 }]]) },
      }) as unknown as Org,
    roster: {
      mayReceive: (_: UserId, key: string | undefined) => key === real.master,
      roster: { current: new Map() },
    } as unknown as RosterBook,
    now: () => 1000,
    onChange: () => {},
  });
  room = {
    roomId: ROOM,
    getEncryptionTargetMembers: () => Promise.resolve([{ userId: SAM }]),
  } as unknown as SdkRoom;
  recipients.guard(room);
});

afterEach(() => {
  recipients.dispose();
  client.stopClient();
});

/** The crypto machine takes in what the server says of Sam. */
async function show(identity: Identity): Promise<void> {
  shown = identity;
  await followDevicesAnew(client, [SAM]);
  expect(await masterKeyOf(client, SAM)).toBe(identity.master);
}

test("[P8] after an encryption the recipients are those of the filter, as long as nobody's identity changed", async () => {
  await show(real);
  expect(await room.getEncryptionTargetMembers()).toEqual([{ userId: SAM }]);
  await show(real);
  expect(await recipients.stillThose(ROOM)).toBe(true);
});

test("[P8] an identity that was exchanged during an encryption is noticed, also when the true one is back", async () => {
  await show(real);
  expect(await room.getEncryptionTargetMembers()).toEqual([{ userId: SAM }]);
  const forged = await newIdentity();
  await show(forged);
  expect(await recipients.stillThose(ROOM)).toBe(false);
  await show(real);
  expect(await recipients.stillThose(ROOM)).toBe(false);
  // The next encryption begins anew.
  expect(await room.getEncryptionTargetMembers()).toEqual([{ userId: SAM }]);
  expect(await recipients.stillThose(ROOM)).toBe(true);
});
