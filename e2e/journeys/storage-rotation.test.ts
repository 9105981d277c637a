import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CutProxy, PASS } from "../support/cutProxy.ts";
import { Person } from "../support/person.ts";
import { Profile, type RunningBrowser } from "../support/profile.ts";
import { besideHearth, looksInto } from "../support/secondProgram/index.ts";
import { devicesOf, encryptedIn } from "../support/server.ts";
import { texts } from "../support/texts.ts";
import { must, roomOf, startWorld, token, waitForView, type World } from "../support/world.ts";

let world: World;

beforeAll(async () => {
  world = await startWorld();
  const admin = await world.member("First Admin", ["admin"]);
  // With blocks of a second every start is in a new one, and rotates its storage.
  await must(admin.client, "policy.set", { key_block: "PT1S" });
});

afterAll(() => world[Symbol.asyncDispose]());

/** How far a storage rotation has come, by what stands on the disk. A state may pass between two looks: it is at least so far. */
const MOMENTS = [
  "a second bucket",
  "its database",
  "rows in it",
  "many rows in it",
  "its root key",
  "the old root key gone",
  "the old bucket gone",
] as const;
type Moment = (typeof MOMENTS)[number];
const ROWS = 2_000;
const MANY_ROWS = 60_000;
const ROOT_KEY = 32;

test("[P3] killed at any moment of a storage rotation, a browser finishes it at the next start and has lost nothing", async () => {
  const { instance } = world;
  await using network = await CutProxy.open(instance.webUrl);
  const dispatcher = await world.member("Dina Dispatcher", ["dispatcher"]);
  const account = await world.withoutDevice("Rio Responder", ["responder"]);
  await using profile = await Profile.create();
  const person = async (browser: RunningBrowser) => new Person(await browser.page(), network.origin, account);

  const title = `A lost child ${token()}`;
  let browser = await profile.open();
  let kit = await (await person(browser)).signIn();
  await must(dispatcher.client, "request.open", { fields: { description: title }, invite: [account.userId] });
  const roomId = await roomOf(dispatcher.client, title);
  await kit.choosesRequest(title);
  const [device] = await devicesOf(instance, account.userId);

  const said: string[] = [];
  const kills: Moment[] = [];
  for (const moment of MOMENTS) {
    // Something from the other side, and something of one's own that can't go out yet.
    const news = `News ${said.length} ${token()}`;
    await must(dispatcher.client, "chat.send", { roomId, body: news });
    await kit.message(news).waitFor();
    network.decide = ({ method, path }) =>
      method === "PUT" && path.includes("/send/") ? { kind: "cut" } : PASS;
    const queued = `Queued ${said.length} ${token()}`;
    await kit.says(queued);
    said.push(news, queued);
    await browser.close();

    browser = await profile.open();
    kills.push(await killAt(moment, browser, profile.dir, await person(browser)));

    network.decide = () => PASS;
    browser = await profile.open();
    kit = await person(browser);
    await kit.goTo("/requests/");
    await kit.choosesRequest(title);
    // The chat is nowhere but on the server: what can be read was decrypted with the keys that were moved.
    for (const words of said) await kit.message(words).waitFor();
    await kit.everythingIsSent();
    // What was replaced goes from the disk when the browser comes to it.
    await expect.poll(() => bucketsOf(profile.dir)).toHaveLength(1);
  }
  // On both sides of the moment at which the new bucket becomes the session's.
  const decisive = MOMENTS.indexOf("its root key");
  expect(kills.filter((each) => MOMENTS.indexOf(each) < decisive)).not.toEqual([]);
  expect(kills.filter((each) => MOMENTS.indexOf(each) >= decisive)).not.toEqual([]);
  await browser.close();

  // Each of them once, in their order.
  await must(dispatcher.client, "room.open", { roomId });
  const heard = () => texts(dispatcher.client.view(`room:${roomId}`));
  await waitForView(dispatcher.client, `room:${roomId}`, () => heard().length >= said.length, "all of it");
  expect(heard()).toEqual(said);
  expect((await devicesOf(instance, account.userId)).map((each) => each.device_id)).toEqual([
    device?.device_id,
  ]);
  const events = await encryptedIn(instance, roomId);
  const saved = {
    userId: account.userId,
    deviceId: device?.device_id ?? "",
    events,
    oldRootKeys: [],
    words: [],
  };
  const report = await looksInto(profile, network.origin, saved);
  expect(Object.keys(report.opened).toSorted()).toEqual(events.map((each) => each.event_id).toSorted());
});

test("[P3] what a kill can leave beside a session, a whole old bucket and a half new one, is gone after the next start", async () => {
  const { instance } = world;
  const account = await world.withoutDevice("Rita Responder", ["responder"]);
  await using profile = await Profile.create();
  let browser = await profile.open();
  await new Person(await browser.page(), instance.webUrl, account).signIn();
  await browser.close();
  // The first start rotates its storage: from then on the bucket names the one that it took over from.
  browser = await profile.open();
  let person = new Person(await browser.page(), instance.webUrl, account);
  await person.goTo("/requests/");
  await person.seesList();
  await browser.close();

  const planted = await besideHearth(profile, instance.webUrl, (page) => page.evaluate(plantLeftovers));
  expect(planted.length).toBe(3);

  browser = await profile.open();
  person = new Person(await browser.page(), instance.webUrl, account);
  await person.goTo("/requests/");
  await person.seesList();
  const left = async () => (await person.stored()).filter((each) => each.startsWith("bucket "));
  await expect.poll(left).toHaveLength(1);
  expect(planted).not.toContain((await left())[0]?.slice("bucket ".length));
  await browser.close();
  expect(await devicesOf(instance, account.userId)).toHaveLength(1);
});

/** Runs in a page: makes the old bucket that the session's names, with a root key, and a new one that has none yet. */
async function plantLeftovers(): Promise<string[]> {
  type Bucket = { getDirectory(): Promise<FileSystemDirectoryHandle> };
  type Buckets = { keys(): Promise<string[]>; open(name: string): Promise<Bucket> };
  const { storageBuckets } = navigator as unknown as { storageBuckets: Buckets };
  const write = async (bucket: string, name: string, content: Uint8Array<ArrayBuffer> | string) => {
    const folder = await (await storageBuckets.open(bucket)).getDirectory();
    const stream = await (await folder.getFileHandle(name, { create: true })).createWritable();
    await stream.write(content);
    await stream.close();
  };
  const [session = ""] = await storageBuckets.keys();
  const folder = await (await storageBuckets.open(session)).getDirectory();
  const old = await (await (await folder.getFileHandle("replaces")).getFile()).text();
  await write(old, "root-key", crypto.getRandomValues(new Uint8Array(32)));
  await write("hearth-0000000000000000", "replaces", session);
  return storageBuckets.keys();
}

/** What of a bucket stands on the disk: the sizes of its files. */
type Bucket = { readonly name: string; readonly sizes: readonly number[] };

function bucketsOf(dir: string): Bucket[] {
  const root = join(dir, "Default", "WebStorage");
  const list = () => readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  try {
    return list().map(({ name }) => ({ name, sizes: sizesIn(join(root, name)) }));
  } catch {
    // What is being deleted is gone between two looks: look again.
    return bucketsOf(dir);
  }
}

function sizesIn(folder: string): number[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => statSync(join(entry.parentPath, entry.name)).size);
}

function howFar(buckets: readonly Bucket[], begun: boolean): Moment | undefined {
  const [old, fresh] = buckets.toSorted((a, b) => Number(a.name) - Number(b.name));
  if (!old) return undefined;
  if (!fresh) return begun ? "the old bucket gone" : undefined;
  if (fresh.sizes.includes(ROOT_KEY))
    return old.sizes.includes(ROOT_KEY) ? "its root key" : "the old root key gone";
  const most = Math.max(...fresh.sizes);
  if (most > MANY_ROWS) return "many rows in it";
  if (most > ROWS) return "rows in it";
  return fresh.sizes.length > 5 ? "its database" : "a second bucket";
}

/**
 * Starts Hearth and kills the browser as soon as the storage rotation has come so far.
 * @returns how far it had come
 */
async function killAt(moment: Moment, browser: RunningBrowser, dir: string, person: Person): Promise<Moment> {
  const before = bucketsOf(dir).map(({ name }) => name);
  const started = person.goTo("/requests/").catch(() => {});
  for (let begun = false; ;) {
    const buckets = bucketsOf(dir);
    // Or another one, where all of it took place between two looks.
    begun ||= buckets.length > 1 || buckets.some(({ name }) => !before.includes(name));
    const reached = howFar(buckets, begun);
    if (reached && MOMENTS.indexOf(reached) >= MOMENTS.indexOf(moment)) {
      await browser.kill();
      await started;
      return reached;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}
