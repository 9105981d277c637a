import { DeviceId, DeviceKey, KeyWiped, OrgId, UserId, wipeTarget } from "@hearth/protocol";
import type { MatrixClient } from "matrix-js-sdk";
import { afterEach, beforeEach, expect, test } from "vitest";
import { refreshDevices } from "./machine.ts";
import { KeyServer, makeDevice, type MadeDevice } from "./testing/keyServer.ts";
import { checkDevice, sendToDevices, type CheckedDevice } from "./toDevice.ts";
import { sealAnswer } from "../session/wipe/listener.ts";
import { systemClock } from "../work/clock.ts";

const SAM = UserId.parse("@example-sam:hearth.localhost");
const TYPE = "org.hearth.example";

let server: KeyServer;
let client: MatrixClient;
let phone: MadeDevice;
/** The Curve25519 keys that what was sent is encrypted for. */
let sentFor: string[];

beforeEach(async () => {
  server = new KeyServer(SAM);
  client = await server.client();
  phone = await makeDevice(SAM, "PHONE");
  sentFor = [];
  await shows(phone);
});

afterEach(() => client.stopClient());

/** The client takes in that Sam has these devices, and the identity of the first. */
async function shows(first: MadeDevice | undefined, ...others: readonly MadeDevice[]): Promise<void> {
  server.identity = first ?? server.identity;
  server.devices = first ? [first, ...others] : others;
  await refreshDevices(client, [SAM]);
}

async function looked(deviceId = "PHONE"): Promise<CheckedDevice> {
  const device = await checkDevice(client, SAM, deviceId);
  if (!device) throw new Error("the device is not known");
  return device;
}

const yes = { mayHave: () => Promise.resolve(true) };
const session = () => ({
  client,
  randomId: () => "example",
  log: () => {},
  request: <T>(_method: string, _path: string, body?: unknown): Promise<T> => {
    const { messages } = body as { messages: Record<string, Record<string, { ciphertext: object }>> };
    sentFor.push(...Object.values(messages[SAM] ?? {}).flatMap(({ ciphertext }) => Object.keys(ciphertext)));
    return Promise.resolve({} as T);
  },
});

test("[P8] a message goes to the keys that were looked at", async () => {
  const device = await looked();
  expect(device).toMatchObject({ signed: true, curve25519: phone.curve25519 });
  expect(await sendToDevices(session(), TYPE, [device], {}, yes)).toEqual([device]);
  expect(sentFor).toEqual([phone.curve25519]);
});

test("[P8] a device that is exchanged while its one-time key is claimed gets nothing, signed or not", async () => {
  for (const unsignedToo of [false, true]) {
    await shows(phone);
    const device = await looked();
    const other = await makeDevice(SAM, "PHONE");
    server.beforeClaim = async () => {
      await shows(undefined);
      await shows(undefined, other);
    };
    expect(await sendToDevices(session(), TYPE, [device], {}, { ...yes, unsignedToo })).toEqual([]);
    expect((await looked()).curve25519).toBe(other.curve25519);
    server.beforeClaim = () => Promise.resolve();
    await shows(undefined);
  }
  expect(sentFor).toEqual([]);
});

test("[P8] an identity that is exchanged meanwhile, and with it who signed the device, gets nothing; nor if it is back", async () => {
  const forged = await makeDevice(SAM, "OTHER");
  for (const back of [false, true]) {
    await shows(phone);
    const device = await looked();
    const mayHave = async () => {
      await shows(forged, phone);
      if (back) await shows(phone);
      return true;
    };
    expect(await sendToDevices(session(), TYPE, [device], {}, { mayHave })).toEqual([]);
  }
  expect(sentFor).toEqual([]);
});

test("[P8] a device that its owner has not signed gets nothing that is not for everybody", async () => {
  const stray = await makeDevice(SAM, "STRAY");
  await shows(phone, stray);
  const device = await looked("STRAY");
  expect(device.signed).toBe(false);
  expect(await sendToDevices(session(), TYPE, [device], {}, yes)).toEqual([]);
  // Not even when the caller takes it for signed.
  expect(await sendToDevices(session(), TYPE, [{ ...device, signed: true }], {}, yes)).toEqual([]);
  expect(sentFor).toEqual([]);
  expect(await sendToDevices(session(), TYPE, [device], {}, { ...yes, unsignedToo: true })).toEqual([device]);
  expect(sentFor).toEqual([stray.curve25519]);
});

test("[P8] the caller has the last word for each device, and one that can't be reached is no reason to leave out another", async () => {
  const [tablet, dead] = [await makeDevice(SAM, "TABLET"), await makeDevice(SAM, "DEAD")];
  await shows(phone, tablet, { ...dead, oneTimeKey: {} });
  const devices = [await looked(), await looked("TABLET"), await looked("DEAD")];
  const mayHave = ({ deviceId }: CheckedDevice) => Promise.resolve(deviceId !== "PHONE");
  const sent = await sendToDevices(session(), TYPE, devices, {}, { mayHave, unsignedToo: true });
  expect(sent.map(({ deviceId }) => deviceId)).toEqual(["TABLET"]);
  expect(sentFor).toEqual([tablet.curve25519]);
});

test("[P8] a wipe is answered to the key that the order came with, and to no other that the device id is given", async () => {
  const target = wipeTarget({
    org: OrgId.parse("team"),
    user: UserId.parse("@example-cleo:hearth.localhost"),
    device: DeviceId.parse("PHONE"),
    key: DeviceKey.parse("D".repeat(43)),
  });
  const answer = async () => {
    sentFor = [];
    const send = await sealAnswer(
      { client, randomId: () => "example" },
      { userId: SAM, deviceId: "PHONE", curve25519: phone.curve25519 },
      target,
    );
    const fetch = async (url: string | URL, init?: RequestInit) => {
      await session().request("PUT", String(url), JSON.parse(init?.body as string));
      return new Response("{}");
    };
    await send({ fetch, baseUrl: "https://hearth.example", clock: systemClock }, "token");
    return sentFor;
  };
  await sendToDevices(session(), KeyWiped.type, [await looked()], {}, yes);
  expect(await answer()).toEqual([phone.curve25519]);

  const other = await makeDevice(SAM, "PHONE");
  await shows(undefined);
  await shows(undefined, other);
  await sendToDevices(session(), KeyWiped.type, [await looked()], {}, { ...yes, unsignedToo: true });
  expect(sentFor).toContain(other.curve25519);
  expect(await answer()).toEqual([]);
});
