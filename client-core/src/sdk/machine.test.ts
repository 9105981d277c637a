import "fake-indexeddb/auto";
import { UserId } from "@hearth/protocol";
import { UserId as WasmUserId } from "@matrix-org/matrix-sdk-crypto-wasm";
import type { MatrixClient } from "matrix-js-sdk";
import { expect, test } from "vitest";
import { cryptoOf } from "./patches.ts";
import { untilUnused } from "../session/storage/copyDatabase.ts";
import { recordConnections } from "./connections.ts";
import { KeyServer, makeDevice } from "./testing/keyServer.ts";
import { checkDevice } from "./toDevice.ts";
import { refreshDevices, masterKeyOf, pinIdentity, withdrawVerification } from "./machine.ts";
import { systemClock } from "../work/clock.ts";
import { MovedClock } from "../work/movedClock.ts";

const SAM = UserId.parse("@example-sam:hearth.localhost");

async function clientThatKnowsSam(databasePrefix?: string) {
  const server = new KeyServer(SAM);
  const client = await server.client(databasePrefix);
  const shows = async (device: Awaited<ReturnType<typeof makeDevice>>) => {
    server.identity = device;
    server.devices = [device];
    await refreshDevices(client, [SAM]);
  };
  await shows(await makeDevice(SAM, "PHONE"));
  return { client, shows };
}

/** What the SDK is given to look at a person's identity, and frees in some of its calls only. */
function identityHandle(client: MatrixClient): Promise<unknown> {
  const { olmMachine } = cryptoOf(client) as unknown as {
    olmMachine: { getIdentity(user: WasmUserId): Promise<unknown> };
  };
  return olmMachine.getIdentity(new WasmUserId(SAM));
}

/** What is asked of the crypto machine about people while a session runs. */
const uses: readonly (readonly [string, (client: MatrixClient) => Promise<unknown>])[] = [
  ["pinning an identity", (client) => pinIdentity(client, SAM)],
  ["withdrawing a verification", (client) => withdrawVerification(client, SAM)],
  ["looking at a master key", (client) => masterKeyOf(client, SAM)],
  ["looking at a device", (client) => checkDevice(client, SAM, "PHONE")],
  ["asking for devices", (client) => cryptoOf(client).getUserDeviceInfo([SAM])],
  ["asking how a device is signed", (client) => cryptoOf(client).getDeviceVerificationStatus(SAM, "PHONE")],
  ["asking how a person is verified", (client) => cryptoOf(client).getUserVerificationStatus(SAM)],
];

test.each(uses)("[P3] %s holds no store that is to be rotated", async (what, use) => {
  const { client } = await clientThatKnowsSam(what);
  await use(client);
  client.stopClient();
  // A handle that is left to the garbage collector holds it for longer than anybody would wait.
  await untilUnused({ factory: indexedDB, name: `${what}::matrix-sdk-crypto` }, 10_000, systemClock);
});

test("[P3] a handle that is forgotten all the same holds the store for half of the time that a storage rotation waits", async () => {
  const { client } = await clientThatKnowsSam("forgotten");
  const database = { factory: indexedDB, name: "forgotten::matrix-sdk-crypto" };
  recordConnections(indexedDB);
  const again = await clientThatKnowsSam("forgotten once more");
  const other = { factory: indexedDB, name: "forgotten once more::matrix-sdk-crypto" };
  const handles: unknown[] = [];
  for (const each of [client, again.client]) {
    handles.push(await identityHandle(each));
    each.stopClient();
  }
  const clock = new MovedClock();
  const held = untilUnused(database, 10_000, clock);
  await Promise.all([expect(held).rejects.toThrow("in use"), clock.pass(10_000)]);
  const letGo = untilUnused(other, 10_000, clock);
  await clock.pass(5_000);
  await letGo;
  expect(handles).toHaveLength(2);
});

test("[P8] an identity that has changed is taken for the person's own once it is pinned", async () => {
  const { client, shows } = await clientThatKnowsSam();
  await shows(await makeDevice(SAM, "OTHER"));
  const needsLook = async () => (await cryptoOf(client).getUserVerificationStatus(SAM)).needsUserApproval;
  expect(await needsLook()).toBe(true);
  await pinIdentity(client, SAM);
  expect(await needsLook()).toBe(false);
  client.stopClient();
});
