import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import type { RoomView } from "@hearth/client-core/contract.ts";
import { createNodeClient } from "@hearth/client-core/node.ts";
import { deleteDevice, until } from "../support/server.ts";
import { must, startWorld, token, waitForView } from "../support/world.ts";
import type { Member, World } from "../support/world.ts";
import { Device, responderWith } from "./support/device.ts";
import { roomKeyRows } from "./support/deviceStore.ts";

const HOUR = 3_600_000;
/** What an org starts with. */
const LEASE = 72 * HOUR;

let world: World;
let admin: Member;

beforeAll(async () => {
  world = await startWorld({ web: false });
  admin = await world.member("First Admin", ["admin"]);
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

const textsOf = (view: RoomView | undefined) =>
  (view?.timeline ?? []).flatMap(({ body }) => (body.kind === "message" ? [body.text] : []));

async function say(roomId: string): Promise<string> {
  const body = `Example: ${token()}`;
  await must(admin.client, "chat.send", { roomId, body });
  return body;
}

class LeasedDevice extends Device {
  async isHeld(): Promise<void> {
    await this.is("out_of_contact");
    this.showsNothing();
    await this.stillHasKeys();
  }
}

/** A member with a device of theirs that can read a request. */
const responder = () => responderWith(world, new LeasedDevice(world));

/** The org's policy says so, and this device has heard of it. */
async function setLease(lease: string, ...devices: Device[]): Promise<void> {
  await must(admin.client, "policy.set", { lease });
  for (const { client } of devices)
    await waitForView(client, "org", ({ policy }) => policy?.lease === lease, "the lease is known");
}

test("[P7] a device that was out of contact for its lease destroys its keys at its start, before it shows anything", async () => {
  const { device } = await responder();
  await device.stop();
  const stored = await device.storage.peek();
  device.network.down = true;
  device.off = LEASE;
  await device.start();
  await device.isDestroyed();
  expect(await stored?.rootKey.read()).toBeUndefined();
  const left = await stored?.indexedDB.databases();
  expect(left?.filter(({ name }) => name?.startsWith(stored?.databasePrefix ?? "?"))).toEqual([]);
});

test("[P7] within its lease a device goes on without a network", async () => {
  const { device, reads } = await responder();
  await device.stop();
  device.network.down = true;
  device.off = LEASE - HOUR;
  await device.start();
  await device.is("ready");
  await reads();
});

test("[P7] a clock that jumped ahead kills nobody who has a network: the server is asked before anything is destroyed", async () => {
  const { device, reads } = await responder();
  await device.stop();
  device.off = 20 * 365 * 24 * HOUR;
  await device.start();
  await device.is("ready");
  await reads();
  // And from then on its clock may be as wrong as it is.
  await device.stop();
  device.network.down = true;
  await device.start();
  await device.is("ready");
});

test("[P3] [K8] a clock that is ahead hides and destroys nothing; right again, all is there, and what is new is read", async () => {
  const { device, member, reads, roomId } = await responder();
  const sees = (wanted: (texts: readonly string[]) => boolean, what: string) =>
    waitForView(device.client, `room:${roomId}`, (view) => wanted(textsOf(view)), what);
  const secret = await say(roomId);
  await must(device.client, "room.open", { roomId });
  await sees((texts) => texts.includes(secret), "the message is read");
  const rows = await roomKeyRows(device.storage);
  for (const days of [31, 400]) {
    await device.stop();
    device.off = days * 24 * HOUR;
    await device.start();
    await device.is("ready");
    const clock = await waitForView(device.client, "clock", ({ aheadMs }) => aheadMs > 0, "it is told");
    expect(Math.round(clock.aheadMs / (24 * HOUR))).toBe(days);
    await must(device.client, "room.open", { roomId });
    // What is written now is too old by this clock as well.
    await say(roomId);
    await reads();
    expect(textsOf(device.client.view(`room:${roomId}`))).toEqual([]);
    const left = new Set(await roomKeyRows(device.storage));
    expect(rows.filter((row) => !left.has(row))).toEqual([]);
  }
  await device.stop();
  device.off = 0;
  await device.start();
  await must(device.client, "room.open", { roomId });
  const last = await say(roomId);
  await sees(
    (texts) => texts.includes(secret) && texts.includes(last),
    `${member.displayName} reads all of it`,
  );
  expect(device.client.view("clock")).toBeUndefined();
});

test("[P3] [K8] [K9] a clock that stays ahead for a lease is believed; right again, the device asks for new sessions, and reads what comes", async () => {
  const { device, roomId } = await responder();
  await must(device.client, "room.open", { roomId });
  const seen = (body: string) => textsOf(device.client.view(`room:${roomId}`)).includes(body);
  const lost = await say(roomId);
  await until("the message is read", () => Promise.resolve(seen(lost)));
  await device.stop();
  const before = await roomKeyRows(device.storage);
  device.off = 400 * 24 * HOUR;
  await device.start();
  await waitForView(device.client, "clock", ({ aheadMs }) => aheadMs > 0, "it is told");
  device.ran = LEASE + HOUR;
  // What comes is contact, and looked at by what the time is then.
  await say(roomId);
  await until("its keys are gone", async () => {
    const left = new Set(await roomKeyRows(device.storage));
    return before.every((row) => !left.has(row));
  });
  await device.stop();
  device.off = 0;
  await device.start();
  await must(device.client, "room.open", { roomId });
  await until("a message of a new session is read", async () => {
    const last = await say(roomId);
    const reads = (view: RoomView) => textsOf(view).includes(last);
    return waitForView(device.client, `room:${roomId}`, reads, "it is read", 3_000).then(
      () => true,
      () => false,
    );
  });
  expect(seen(lost)).toBe(false);
});

test("[P7] a clock that is behind shows nothing and destroys nothing; with contact it goes on", async () => {
  const { device, reads } = await responder();
  await device.stop();
  device.network.down = true;
  device.off = -2 * HOUR;
  await device.start();
  await device.isHeld();
  expect(await device.client.run("devices.refresh", {})).toMatchObject({ ok: false, code: "locked" });
  device.network.mend();
  await device.is("ready");
  await reads();
});

test("[P7] the lease runs for a dead token too, and signing in within it goes on", async () => {
  const { member, device, reads, deviceId } = await responder();
  await deleteDevice(world.instance, member.userId, deviceId);
  await device.is("locked");
  await device.stop();
  device.off = LEASE - HOUR;
  await device.start();
  expect(device.phase?.kind).toBe("locked");
  await must(device.client, "session.signIn", { userName: member.userName, password: member.password });
  await device.is("ready");
  await reads();
  await deleteDevice(world.instance, member.userId, deviceId);
  await device.is("locked");
  device.off += LEASE;
  await device.stop();
  // The server can be asked for its time without a token: a clock that jumped costs nobody their keys.
  await device.start();
  expect(device.client.view("session")?.phase.kind).toBe("locked");
  await device.stop();
  device.network.down = true;
  await device.start();
  await device.isDestroyed();
});

test("[P7] proxies' pages are no contact: a device that gets nothing else is destroyed when its lease runs out", async () => {
  const { member, device } = await responder();
  const { storage, network } = device;
  // Longer than it takes to switch it off.
  await setLease("PT6S", device);
  await device.stop();
  await setLease("PT72H");
  const pages = [
    () => new Response("<html>Bad gateway</html>", { status: 502 }),
    () => new Response("<html>Sign in to this network</html>", { headers: { "content-type": "text/html" } }),
    () => new Response(JSON.stringify({ rooms: {} }), { headers: { "content-type": "application/json" } }),
    () => new Response(""),
  ];
  let asked = 0;
  const client = await createNodeClient({
    baseUrl: world.instance.webUrl,
    storage,
    fetch: () => {
      const page = pages[asked++ % pages.length]?.() ?? new Response();
      page.headers.set("date", new Date().toUTCString());
      return Promise.resolve(page);
    },
  });
  onTestFinished(() => client.dispose());
  const gone = ({ phase }: { phase: { kind: string } }) => phase.kind === "signed_out";
  await waitForView(client, "session", gone, "it is signed out");
  expect(await storage.peek()).toBeUndefined();
  expect(asked).toBeGreaterThan(pages.length);
  // Nothing of the person's is lost: the recovery key lets them in again.
  network.mend();
  device.off = 0;
  await device.start();
  await device.signIn(member);
});

test("[P7] a device that stays on is destroyed too, when its lease runs out without contact, and not while it has contact", async () => {
  const { device, reads } = await responder();
  // Longer than a machine stalls: meanwhile nobody is in contact.
  await setLease("PT12S", device);
  const asks = () => device.network.asked.filter((line) => line.endsWith("simplified_msc3575/sync")).length;
  // Longer than the lease, in a quiet org whose syncs wait for 25 seconds: it asks for contact by itself.
  const before = asks();
  const end = Date.now() + 13_000;
  await until("more than a lease has passed", () => Promise.resolve(Date.now() > end));
  await until("it has asked", () => Promise.resolve(asks() > before));
  expect(device.phase?.kind).toBe("ready");
  await reads();
  await setLease("PT6S", device);
  // Also for the sync that is under way: the longer lease that follows could come with it.
  device.network.cut();
  await must(admin.client, "policy.set", { lease: "PT72H" });
  await device.isDestroyed();
});
