import { afterAll, beforeAll, expect, test } from "vitest";
import {
  base64url,
  DeviceId,
  DeviceKey,
  OrgId,
  signStatement,
  SigningKey,
  UserId,
  WIPES_PATH,
  wipeTarget,
  type Instant,
  type WipeAnswer,
  type WipeRecord,
} from "@hearth/protocol";
import type { ClientPort } from "@hearth/client-core/contract.ts";
import { followDevices } from "../../client-core/src/sdk/machine.ts";
import { Rogue } from "../support/rogue.ts";
import { deleteDevice, devicesOf, lockAccount, until } from "../support/server.ts";
import { emptyHalf, serversHalf } from "../support/serverHalf.ts";
import { must, startWorld, waitForView } from "../support/world.ts";
import type { Member, World } from "../support/world.ts";
import { stateOf } from "./support/botPeople.ts";
import { Device, responderWith } from "./support/device.ts";
import { databasesGo } from "./support/deviceStore.ts";
import { rawClient } from "./support/rawClient.ts";

let world: World;
let admin: Member;
let people = 0;

beforeAll(async () => {
  world = await startWorld({ web: false });
  admin = await world.member("First Admin", ["admin"]);
});

afterAll(() => world[Symbol.asyncDispose]());

type OnTheWay = (path: string, method: string) => Response | "lost" | undefined;

class WipedDevice extends Device {
  /** Somebody on the way, who may answer in the server's place. */
  onTheWay: OnTheWay = () => undefined;
  /** Asked for at signing in, in place of a new one. */
  deviceIdWanted: string | undefined;

  protected override readonly fetch: Device["fetch"] = (url, init) => {
    const path = new URL(url).pathname;
    const answer = this.onTheWay(path, init?.method ?? "GET");
    if (answer === "lost") return Promise.reject(new TypeError("the network is down"));
    if (answer) return Promise.resolve(answer);
    if (this.deviceIdWanted === undefined || !path.endsWith("/v3/login"))
      return this.network.fetch(url, init);
    const body = {
      ...(JSON.parse(typeof init?.body === "string" ? init.body : "{}") as object),
      device_id: this.deviceIdWanted,
    };
    return this.network.fetch(url, { ...init, body: JSON.stringify(body) });
  };

  /** The page says what happened and shows nothing else, and neither key nor database is left. */
  isWiped(): Promise<void> {
    return this.isDestroyed(/^An admin of your team had/);
  }

  /** It was told to destroy its keys, did not do it, and says why. */
  async ignored(why: RegExp): Promise<void> {
    await waitForView(
      this.client,
      "session",
      ({ ignoredWipes }) => ignoredWipes?.some((each) => why.test(each.why)) ?? false,
      `it shows that it ignored an order: ${why}`,
    );
    await this.stillHasKeys();
  }
}

/** A member with a device of theirs that can read a request. */
const responder = () => responderWith(world, new WipedDevice(world));

const wipe = (userId: string, deviceIds?: string[], by: Member = admin) =>
  must(by.client, "wipe.start", { userId, mode: "keys", ...(deviceIds && { deviceIds }) });

const orderBecomes = (deviceId: string, ...states: [string, ...string[]]) =>
  waitForView(
    admin.client,
    "wipes",
    ({ orders }) => orders.some((each) => each.deviceId === deviceId && states.includes(each.state)),
    `the admin sees that the order is ${states.join(" or ")}`,
  );

/** What the bot keeps of an order, with what it is named by. */
async function orderFor(deviceId: string) {
  const { homeserverUrl, asToken, botUserId, orgRoomId } = world.instance;
  const bot = rawClient({ baseUrl: homeserverUrl, token: asToken, userId: botUserId });
  const state = await stateOf(bot, orgRoomId);
  const found = state.find(
    ({ type, content }) => type === "org.hearth.wipe" && content["device"] === deviceId,
  );
  if (!found) throw new Error("there is no such order");
  return { target: found.state_key ?? "", record: found.content["record"] as WipeRecord };
}

const atOrigin = (target: string) => fetch(world.instance.webUrl + WIPES_PATH + target);

/** A record for a device, by somebody with a key of their own making. */
async function forgedRecord(userId: string, deviceId: string, fingerprint: string): Promise<WipeRecord> {
  const pair = await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]);
  const raw = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const org = OrgId.parse(world.instance.orgId);
  const own = { org, user: UserId.parse(userId), device: DeviceId.parse(deviceId) };
  const target = wipeTarget({ ...own, key: DeviceKey.parse(fingerprint) });
  return signStatement<WipeRecord>(
    {
      v: 1,
      purpose: "wipe",
      org,
      key: SigningKey.parse(base64url(raw)),
      at: Date.now() as Instant,
      body: { target, mode: "keys" },
    },
    async (bytes) => new Uint8Array(await crypto.subtle.sign("Ed25519", pair.privateKey, bytes)),
  );
}

test("[P7] a device that is online destroys its keys at an admin's word, and says so", async () => {
  const { member, device } = await responder();
  const stored = await device.storage.peek();
  const { deviceId } = device;
  await wipe(member.userId);
  await device.isWiped();
  expect(device.client.view("session")?.phase).toMatchObject({ userName: member.userName });
  expect(await stored?.rootKey.read()).toBeUndefined();
  await databasesGo(stored);
  await orderBecomes(deviceId, "acknowledged");
  const isEnded = async () => (await devicesOf(world.instance, member.userId)).length === 0;
  await until("the device is ended at the homeserver", isEnded);
  // They are a member still, with a device that is another one.
  await device.signIn(member);
  expect(device.deviceId).not.toBe(deviceId);
});

test("[P7] one device of a person is wiped, and the other goes on", async () => {
  const { member, device, reads } = await responder();
  const other = await (await new WipedDevice(world).start()).signIn(member);
  await must(admin.client, "wipe.start", {
    userId: member.userId,
    deviceIds: [other.deviceId],
    mode: "sign_out",
  });
  await other.isWiped();
  expect(other.client.view("session")?.phase).not.toHaveProperty("userName");
  await reads();
  expect(device.client.view("session")?.ignoredWipes).toBeUndefined();
});

test("[P7] a device that was off when it was wiped learns it without a token, and needs no server for the rest; at the latest before signing in again opens anything", async () => {
  const off = await responder();
  const late = await responder();
  for (const { device } of [off, late]) await device.stop();
  // Together, because what takes long is the time that a device has to answer.
  for (const { member } of [off, late]) await wipe(member.userId);
  for (const { deviceId, member } of [off, late]) {
    await orderBecomes(deviceId, "unanswered");
    expect(await devicesOf(world.instance, member.userId)).toEqual([]);
  }

  // From when it asks for the record, that is all that can be had: what it learns it does without the homeserver. It may ask
  // more than once, because the dead token cuts short what is under way.
  let asked = false;
  off.device.onTheWay = (path) => {
    asked ||= path.startsWith(WIPES_PATH);
    return asked && !path.startsWith(WIPES_PATH) ? "lost" : undefined;
  };
  await off.device.start();
  await off.device.isWiped();
  expect(asked).toBe(true);

  // The other one can't look it up while it is locked.
  const { device, member } = late;
  device.onTheWay = (path) => (path.startsWith(WIPES_PATH) ? "lost" : undefined);
  await device.start();
  await device.is("locked");
  await device.stillHasKeys();
  device.onTheWay = () => undefined;
  await device.client.run("session.signIn", { userName: member.userName, password: member.password });
  await device.isWiped();
});

test("[P7] the record shows whom it is for to nobody who does not know the device's key", async () => {
  const { member, device } = await responder();
  const { deviceId } = device;
  await wipe(member.userId);
  await orderBecomes(deviceId, "acknowledged");
  const { target, record } = await orderFor(deviceId);
  expect(JSON.stringify(record)).not.toContain(member.userName);
  expect(JSON.stringify(record)).not.toContain(deviceId);
  // The bot hands it out once it has done all that it was asked for at that time: the device may be quicker.
  await until("the record is handed out", async () => (await atOrigin(target)).ok);
  const answer = await atOrigin(target);
  expect(answer.status).toBe(200);
  expect(answer.headers.get("cache-control")).toBe("no-store");
  expect(((await answer.json()) as WipeAnswer).record).toEqual(record);
  for (const other of ["A".repeat(43), "", "..", `${target}/`, "%2e%2e%2f_matrix"])
    expect([other, (await atOrigin(other)).ok]).toEqual([other, false]);
});

test("[P7] who is no admin gets no record published", async () => {
  const { device, reads, member } = await responder();
  const other = await responder();
  const outcome = await other.device.client.run("wipe.start", { userId: member.userId, mode: "keys" });
  expect(outcome).toMatchObject({ ok: false, code: "not_permitted" });
  await reads();
  await device.stillHasKeys();
});

test("[P7] forged orders between devices are ignored, and shown", async () => {
  const { device, member, reads } = await responder();
  const mallory = await world.member("Mallory Member", ["responder"]);
  await using rogue = await Rogue.signIn(world.instance.homeserverUrl, mallory);
  await rogue.signDevice();
  const crypto = rogue.client.getCrypto();
  await followDevices(rogue.client, [member.userId]);
  const found = await crypto?.getUserDeviceInfo([member.userId]);
  const fingerprint = found?.get(member.userId)?.get(device.deviceId)?.getFingerprint() ?? "";
  const record = await forgedRecord(member.userId, device.deviceId, fingerprint);
  const to = { userId: member.userId, deviceId: device.deviceId };
  const sealed = async (content: Record<string, unknown>) => {
    const batch = await crypto?.encryptToDeviceMessages("org.hearth.key_wipe", [to], content);
    if (batch) await rogue.client.queueToDevice(batch);
  };

  await sealed({ v: 1, record });
  await device.ignored(/no admin/);
  const { signature: _, ...unsigned } = record;
  await sealed({ v: 1, record: unsigned });
  await device.ignored(/no form/);
  const path = `${world.instance.homeserverUrl}/_matrix/client/v3/sendToDevice/org.hearth.key_wipe/1`;
  const plain = await fetch(path, {
    method: "PUT",
    headers: { authorization: `Bearer ${rogue.client.getAccessToken()}` },
    body: JSON.stringify({ messages: { [to.userId]: { [to.deviceId]: { v: 1, record } } } }),
  });
  expect(plain.status).toBe(200);
  await device.ignored(/unencrypted/);

  // A real order, for another device.
  const other = await responder();
  const othersDevice = other.device.deviceId;
  await wipe(other.member.userId);
  await other.device.isWiped();
  await sealed({ v: 1, record: (await orderFor(othersDevice)).record });
  await device.ignored(/another device/);
  await reads();

  // Nor does anybody answer in a device's place.
  const off = await responder();
  const offId = off.device.deviceId;
  await off.device.stop();
  await wipe(off.member.userId);
  // Ten seconds after it was given nobody waits any more, however long they took here.
  await orderBecomes(offId, "waiting", "unanswered");
  const adminsDevice = { userId: admin.userId, deviceId: admin.client.view("session")?.deviceId ?? "" };
  await followDevices(rogue.client, [admin.userId]);
  const { target } = await orderFor(offId);
  const batch = await crypto?.encryptToDeviceMessages("org.hearth.key_wiped", [adminsDevice], {
    v: 1,
    target,
  });
  if (batch) await rogue.client.queueToDevice(batch);
  await orderBecomes(offId, "unanswered");
});

test("[P7] whatever the host hands out as a wipe record, only an admin's signature destroys keys", async () => {
  const { device, member, reads } = await responder();
  await must(admin.client, "wipe.devices", { userId: member.userId });
  await using rogue = await Rogue.signIn(world.instance.homeserverUrl, member);
  await followDevices(rogue.client, [member.userId]);
  const found = await rogue.client.getCrypto()?.getUserDeviceInfo([member.userId]);
  const fingerprint = found?.get(member.userId)?.get(device.deviceId)?.getFingerprint() ?? "";
  const record = await forgedRecord(member.userId, device.deviceId, fingerprint);
  const { deviceId } = device;
  await device.stop();
  await deleteDevice(world.instance, member.userId, deviceId);

  const json = (status: number, body: unknown) => new Response(JSON.stringify(body), { status });
  const { signature: _, ...unsigned } = record;
  const answers: [unknown, RegExp | undefined][] = [
    [{ v: 1, record, roster: {} }, /no admin/],
    [{ v: 1, record: unsigned, roster: {} }, /no form/],
    [{ v: 1, record: { wipe: true }, roster: {} }, /no form/],
    [{ errcode: "M_UNKNOWN_TOKEN" }, undefined],
    ["wipe", undefined],
  ];
  for (const [body, why] of answers) {
    let asked = 0;
    device.onTheWay = (path) => {
      if (!path.startsWith(WIPES_PATH)) return undefined;
      asked += 1;
      return json(200, body);
    };
    await device.start();
    await device.is("locked");
    await until("the device has asked", () => Promise.resolve(asked > 0));
    if (why) await device.ignored(why);
    await device.stillHasKeys();
    await device.stop();
  }
  for (const status of [401, 403, 404, 410, 500]) {
    device.onTheWay = (path) =>
      path.startsWith(WIPES_PATH) ? json(status, { v: 1, record, roster: {} }) : undefined;
    await device.start();
    await device.is("locked");
    await device.stillHasKeys();
    await device.stop();
  }
  device.onTheWay = () => undefined;
  await device.start();
  await device.is("locked");
  await must(device.client, "session.signIn", { userName: member.userName, password: member.password });
  await device.is("ready");
  await reads();
});

test("[P7] an old record is good for no new device of the same id", async () => {
  const { member } = await responder();
  const deviceId = "REUSEDDEVICE";
  // Never signed: once signed, an id is good for no other device in Matrix.
  const before = new WipedDevice(world);
  before.deviceIdWanted = deviceId;
  await before.start();
  await must(before.client, "session.signIn", { userName: member.userName, password: member.password });
  await before.is("setup");
  await wipe(member.userId, [deviceId]);
  await orderBecomes(deviceId, "unanswered");
  const { target, record } = await orderFor(deviceId);
  const old = (await (await atOrigin(target)).json()) as WipeAnswer;
  expect(old.record).toEqual(record);

  const again = new WipedDevice(world);
  again.deviceIdWanted = deviceId;
  await (await again.start()).signIn(member);
  expect(again.deviceId).toBe(deviceId);
  again.deviceIdWanted = undefined;
  // By the admin's own device, as it was sent before.
  await using rogue = await Rogue.signIn(world.instance.homeserverUrl, admin);
  await rogue.signDevice();
  const crypto = rogue.client.getCrypto();
  await followDevices(rogue.client, [member.userId]);
  const to = { userId: member.userId, deviceId };
  const batch = await crypto?.encryptToDeviceMessages("org.hearth.key_wipe", [to], { v: 1, record });
  if (batch) await rogue.client.queueToDevice(batch);
  await again.ignored(/older keys/);
  // And by the host, when the token is dead.
  await again.stop();
  await deleteDevice(world.instance, member.userId, deviceId);
  again.onTheWay = (path) =>
    path.startsWith(WIPES_PATH) ? new Response(JSON.stringify(old), { status: 200 }) : undefined;
  await again.start();
  await again.is("locked");
  await again.ignored(/older keys/);
});

test("[P7] a record by somebody who is no admin any more is not followed, and by an admin since is", async () => {
  const { device, member, reads } = await responder();
  const second = await world.member(`Second Admin ${++people}`, ["admin"]);
  const { deviceId } = device;
  const isListed = (client: ClientPort) =>
    waitForView(
      client,
      "team",
      ({ members }) => members.some((each) => each.userId === second.userId && each.roster === "listed"),
      "the second admin is on the roster",
    );
  await isListed(second.client);
  await isListed(device.client);
  await device.stop();
  await wipe(member.userId, undefined, second);
  await orderBecomes(deviceId, "unanswered");
  const order = await orderFor(deviceId);
  const pages = async () =>
    Object.keys(((await (await atOrigin(order.target)).json()) as WipeAnswer).roster).length;
  const before = await pages();
  // The bot first puts them out of every room there is by now: that may take it longer than an admin is kept waiting.
  const removed = await admin.client.run("member.remove", { userId: second.userId });
  expect(removed.ok ? "no_answer" : removed.code).toBe("no_answer");
  await waitForView(
    admin.client,
    "wipes",
    ({ orders }) => orders.some((each) => each.deviceId === deviceId && !each.counts),
    "the admin sees that the order counts no more",
  );
  // The bot hands the roster out a moment after it has written it.
  await until("the roster is handed out in which they are no admin", async () => (await pages()) > before);
  await device.start();
  await device.is("locked");
  await device.ignored(/no admin any more/);
  // Signing in again opens it as before.
  await must(device.client, "session.signIn", { userName: member.userName, password: member.password });
  await device.is("ready");
  await reads();
  await device.stop();

  // A third one, whom this device has never heard of, comes after it went off: what they sign counts.
  const third = await world.member(`Third Admin ${++people}`, ["admin"]);
  await waitForView(
    third.client,
    "team",
    ({ members }) => members.some((each) => each.isMe && each.roster === "listed"),
    "the third admin is on the roster",
  );
  await wipe(member.userId, undefined, third);
  const { target, record } = await orderFor(deviceId);
  await until("the new order is handed out", async () => {
    const answer = (await (await atOrigin(target)).json()) as { record: WipeRecord };
    return answer.record.signature === record.signature;
  });
  // What ends its token is no matter here, and the bot would only do so when its time to answer is over.
  await deleteDevice(world.instance, member.userId, deviceId);
  await device.start();
  await device.isWiped();
});

test("[P7] a locked account's device is ended too, and the server's half of its key as soon as it is unlocked", async () => {
  const { device, member, deviceId } = await responder();
  await device.stop();
  const half = () => serversHalf(world.instance, member.userId, deviceId);
  await emptyHalf(world.instance, member.userId, deviceId, { half: "A".repeat(43) });
  await lockAccount(world.instance, member.userId, true);
  const other = await responder();
  await other.device.stop();

  await wipe(member.userId);
  await wipe(other.member.userId);
  await orderBecomes(deviceId, "unanswered");
  await waitForView(
    admin.client,
    "wipes",
    ({ orders }) => orders.some((each) => each.deviceId === deviceId && each.left === "half"),
    "the admin sees what the server could not do yet",
  );
  expect(await devicesOf(world.instance, member.userId)).toEqual([]);
  expect(await half()).toMatchObject({ half: expect.any(String) as string });
  // It kept nobody else's waiting.
  await orderBecomes(other.deviceId, "unanswered");
  expect(await devicesOf(world.instance, other.member.userId)).toEqual([]);

  await lockAccount(world.instance, member.userId, false);
  await waitForView(
    admin.client,
    "wipes",
    ({ orders }) => orders.some((each) => each.deviceId === deviceId && each.left === undefined),
    "nothing is left",
  );
  expect(await half()).toEqual({});
});

test("[P7] what is typed in the admin room destroys nothing before an admin confirms it", async () => {
  const { device, member, reads } = await responder();
  const { homeserverUrl, adminRoomId } = world.instance;
  await using typing = await Rogue.signIn(homeserverUrl, admin);
  const sent = await typing.sendPlain(adminRoomId, "m.room.message", {
    msgtype: "m.text",
    body: `!hearth wipe @${member.userName} mode=sign_out`,
  });
  expect(sent.status).toBe(200);
  const wishFor = ({ wishes }: { wishes: { userId: string }[] }) =>
    wishes.find(({ userId }) => userId === member.userId);
  const view = await waitForView(admin.client, "wipes", (v) => wishFor(v) !== undefined, "it is asked for");
  expect(wishFor(view)).toMatchObject({ mode: "sign_out", by: admin.userId });
  await reads();
  await device.stillHasKeys();
  await must(admin.client, "org.do", { name: "wipe dismiss", args: { user: member.userId } });
  await waitForView(admin.client, "wipes", (v) => wishFor(v) === undefined, "it is put away");
  await typing.sendPlain(adminRoomId, "m.room.message", {
    msgtype: "m.text",
    body: `!hearth wipe @${member.userName}`,
  });
  await waitForView(admin.client, "wipes", (v) => wishFor(v) !== undefined, "it is asked for again");
  await wipe(member.userId);
  await device.isWiped();
  await waitForView(admin.client, "wipes", (v) => wishFor(v) === undefined, "the wish is fulfilled");
});
