import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { ClientPort } from "@hearth/client-core/contract.ts";
import { MemoryStorage, createNodeClient } from "@hearth/client-core/node.ts";
import { deleteDevice, until } from "../support/server.ts";
import { must, startWorld, waitForView } from "../support/world.ts";
import type { Member, World } from "../support/world.ts";
import { CuttableNetwork } from "./support/cuttableNetwork.ts";

const HOUR = 3_600_000;
/** What an org starts with. */
const LEASE = 72 * HOUR;

let world: World;
let admin: Member;
const open: ClientPort[] = [];

beforeAll(async () => {
  world = await startWorld({ web: false });
  admin = await world.member("First Admin", ["admin"]);
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((client) => client.dispose()));
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

/** A device whose clock, network and storage are the test's. Kept storage stands for a program started again. */
class Device {
  readonly storage = new MemoryStorage();
  readonly network = new CuttableNetwork();
  readonly phases: string[] = [];
  /** How far its clock is from the right time, in milliseconds. */
  off = 0;
  #client: ClientPort | undefined;

  get client(): ClientPort {
    if (!this.#client) throw new Error("the device is switched off");
    return this.#client;
  }

  async start(): Promise<this> {
    this.phases.length = 0;
    this.#client = await createNodeClient({
      baseUrl: world.instance.webUrl,
      storage: this.storage,
      fetch: this.network.fetch,
      now: () => Date.now() + this.off,
    });
    open.push(this.#client);
    return this;
  }

  async stop(): Promise<void> {
    await this.client.dispose();
  }

  async signIn(member: Member): Promise<this> {
    const { userName, password, recoveryKey } = member;
    await must(this.client, "session.signIn", { userName, password });
    await must(this.client, "encryption.unlock", { recoveryKey });
    await this.isReady();
    await waitForView(this.client, "org", ({ policy }) => policy !== undefined, "the policy is known");
    return this;
  }

  async isReady(): Promise<void> {
    await waitForView(this.client, "session", ({ phase }) => phase.kind === "ready", "it goes on");
  }

  /** The page says that the keys are gone, and why; and they are. */
  async isDestroyed(): Promise<void> {
    const view = await waitForView(
      this.client,
      "session",
      ({ phase }) => phase.kind === "signed_out",
      "it is signed out",
    );
    expect(view.phase).toMatchObject({ notice: expect.stringContaining("destroyed its keys") as string });
    expect(await this.storage.find()).toBeUndefined();
    for (const slice of ["org", "team", "requests"] as const) expect(this.client.view(slice)).toBeUndefined();
  }

  async isHeld(): Promise<void> {
    await waitForView(this.client, "session", ({ phase }) => phase.kind === "out_of_contact", "it waits");
    for (const slice of ["org", "team", "requests"] as const) expect(this.client.view(slice)).toBeUndefined();
    expect(await (await this.storage.find())?.rootKey.read()).toBeDefined();
  }
}

let people = 0;

/** A member with a device of theirs that can read a request. */
async function responder() {
  const member = await world.member(`Responder ${++people}`, ["responder"]);
  await must(member.client, "session.signOut", {});
  const device = await (await new Device().start()).signIn(member);
  const title = `For ${member.displayName}`;
  await must(admin.client, "request.open", { fields: { description: title }, invite: [member.userId] });
  const reads = () =>
    waitForView(
      device.client,
      "requests",
      (view) => view.rows.some((row) => row.title === title && row.problem === undefined),
      "the request can be read",
    );
  await reads();
  return { member, device, reads };
}

/** The org's policy says so, and this device has heard of it. */
async function setLease(lease: string, ...devices: Device[]): Promise<void> {
  await must(admin.client, "policy.set", { lease });
  for (const { client } of devices)
    await waitForView(client, "org", ({ policy }) => policy?.lease === lease, "the lease is known");
}

test("[P7] a device that was out of contact for its lease destroys its keys at its start, before it shows anything", async () => {
  const { device } = await responder();
  await device.stop();
  const stored = await device.storage.find();
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
  await device.isReady();
  await reads();
});

test("[P7] a clock that jumped ahead kills nobody who has a network: the server is asked before anything is destroyed", async () => {
  const { device, reads } = await responder();
  await device.stop();
  device.off = 20 * 365 * 24 * HOUR;
  await device.start();
  await device.isReady();
  await reads();
  // And from then on its clock may be as wrong as it is.
  await device.stop();
  device.network.down = true;
  await device.start();
  await device.isReady();
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
  await device.isReady();
  await reads();
});

test("[P7] the lease runs for a dead token too, and signing in within it goes on", async () => {
  const { member, device, reads } = await responder();
  const deviceId = device.client.view("session")?.deviceId ?? "";
  await deleteDevice(world.instance, member.userId, deviceId);
  await waitForView(device.client, "session", ({ phase }) => phase.kind === "locked", "it locks");
  await device.stop();
  device.off = LEASE - HOUR;
  await device.start();
  expect(device.client.view("session")?.phase.kind).toBe("locked");
  await must(device.client, "session.signIn", { userName: member.userName, password: member.password });
  await device.isReady();
  await reads();
  await deleteDevice(world.instance, member.userId, deviceId);
  await waitForView(device.client, "session", ({ phase }) => phase.kind === "locked", "it locks");
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
  await setLease("PT3S", device);
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
  open.push(client);
  const gone = ({ phase }: { phase: { kind: string } }) => phase.kind === "signed_out";
  await waitForView(client, "session", gone, "it is signed out");
  expect(await storage.find()).toBeUndefined();
  expect(asked).toBeGreaterThan(pages.length);
  // Nothing of the person's is lost: the recovery key lets them in again.
  network.mend();
  device.off = 0;
  await device.start();
  await device.signIn(member);
});

test("[P7] a device that stays on is destroyed too, when its lease runs out without contact, and not while it has contact", async () => {
  const { device, reads } = await responder();
  await setLease("PT6S", device);
  const asks = () => device.network.asked.filter((line) => line.endsWith("simplified_msc3575/sync")).length;
  // Longer than the lease, in a quiet org whose syncs wait for 25 seconds: it asks for contact by itself.
  const before = asks();
  const end = Date.now() + 9_000;
  await until("more than a lease has passed", () => Promise.resolve(Date.now() > end));
  expect(asks()).toBeGreaterThan(before);
  expect(device.client.view("session")?.phase.kind).toBe("ready");
  await reads();
  device.network.down = true;
  await must(admin.client, "policy.set", { lease: "PT72H" });
  await device.isDestroyed();
});
