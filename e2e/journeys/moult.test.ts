import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CutProxy, PASS } from "../support/cutProxy.ts";
import { Person } from "../support/person.ts";
import { Profile, type RunningBrowser } from "../support/profile.ts";
import { looksInto } from "../support/secondProgram/index.ts";
import { devicesOf, encryptedIn } from "../support/server.ts";
import { must, roomOf, startWorld, token, waitForView, type World } from "../support/world.ts";

let world: World;

beforeAll(async () => {
  world = await startWorld();
  const admin = await world.member("First Admin", ["admin"]);
  // With blocks of a second every start is in a new one, and moults.
  await must(admin.client, "policy.set", { key_block: "PT1S" });
});

afterAll(() => world[Symbol.asyncDispose]());

/** Later and later, until the moult is over before. */
const MOMENTS = [1, 3, 8, 20, 45, 90, 180, 360];

test("[P3] killed at any moment of a moult, a browser finishes it at the next start and has lost nothing", async () => {
  const { instance } = world;
  await using network = await CutProxy.open(instance.webUrl);
  const dispatcher = await world.member("Dina Dispatcher", ["dispatcher"]);
  const account = await world.member("Kit Killed", ["responder"]);
  await must(account.client, "session.signOut", {});
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
  const kills: Bucket[][] = [];
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
    const state = await killAt(moment, browser, profile.dir, await person(browser));
    if (state) kills.push(state);

    network.decide = () => PASS;
    browser = await profile.open();
    kit = await person(browser);
    await kit.goTo("/requests/");
    await kit.choosesRequest(title);
    // The chat is nowhere but on the server: what can be read was decrypted with the keys that were moved.
    for (const words of said) await kit.message(words).waitFor();
    await kit.everythingIsSent();
    expect(bucketsOf(profile.dir)).toHaveLength(1);
    if (!state) break;
  }
  // It was killed with both there, and it got through all of the moment's list, or to the end of the moult.
  expect(kills.length).toBeGreaterThan(1);
  expect(kills.some((buckets) => buckets.length === 2)).toBe(true);
  await browser.close();

  // Each of them once, in their order.
  await must(dispatcher.client, "room.open", { roomId });
  const heard = () =>
    (dispatcher.client.view(`room:${roomId}`)?.timeline ?? []).flatMap(({ body }) =>
      body.kind === "message" ? [body.text] : [],
    );
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

/**
 * Starts Hearth and kills the browser when the buckets' files have changed so many times since a second bucket came.
 * @returns what stood there then; undefined when the moult was over before
 */
async function killAt(
  moment: number,
  browser: RunningBrowser,
  dir: string,
  person: Person,
): Promise<Bucket[] | undefined> {
  const over = new AbortController();
  const start = (async () => {
    await person.goTo("/requests/");
    await person.seesList();
  })()
    .catch(() => {})
    .finally(() => over.abort());
  let [changes, last, begun] = [0, "", false];
  while (!over.signal.aborted) {
    const now = bucketsOf(dir);
    begun ||= now.length > 1;
    const text = JSON.stringify(now);
    if (begun && text !== last) changes += 1;
    last = text;
    if (changes >= moment) {
      await browser.kill();
      await start;
      return now;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  await browser.close();
  return undefined;
}
