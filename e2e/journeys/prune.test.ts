import { afterAll, beforeAll, expect, test } from "vitest";
import { CutProxy, PASS } from "../support/cutProxy.ts";
import { exampleSession } from "../support/exampleSession.ts";
import { keyRows } from "../support/keyRows.ts";
import { Person } from "../support/person.ts";
import { Profile } from "../support/profile.ts";
import { fills } from "../support/secondProgram/index.ts";
import { devicesOf } from "../support/server.ts";
import { must, roomOf, startWorld, token, waitForView, type Member, type World } from "../support/world.ts";

let world: World;
let admin: Member;

beforeAll(async () => {
  world = await startWorld();
  admin = await world.member("First Admin", ["admin"]);
});

afterAll(() => world[Symbol.asyncDispose]());

/** So many that a prune takes long enough to be met half-way, again and again. */
const OLD_KEYS = 1200;
/** Where in a prune the browser is killed: when so much of the old keys is left. */
const KILLED_AT = [0.95, 0.5, 0.1, 0] as const;
const LONG = { key_block: "P1D", key_window: "P14D" };
const SHORT = { key_block: "PT1S", key_window: "PT2S" };

test("[P3] killed at any moment of a prune, a browser finishes it at the next start and has lost nothing else", async () => {
  const { instance } = world;
  await using network = await CutProxy.open(instance.webUrl);
  const dispatcher = await world.member("Dina Dispatcher", ["dispatcher"]);
  const account = await world.withoutDevice("Rio Responder", ["responder"]);
  await using profile = await Profile.create();
  const start = async () => {
    const browser = await profile.open();
    const page = await browser.page();
    return { browser, page, kit: new Person(page, network.origin, account) };
  };

  const title = `A lost child ${token()}`;
  let { browser, page, kit } = await start();
  await kit.signIn();
  await must(dispatcher.client, "request.open", { fields: { description: title }, invite: [account.userId] });
  const roomId = await roomOf(dispatcher.client, title);
  await kit.choosesRequest(title);
  await browser.close();
  const [device] = await devicesOf(instance, account.userId);
  const saved = {
    userId: account.userId,
    deviceId: device?.device_id ?? "",
    events: [],
    oldRootKeys: [],
    words: [],
  };

  for (const part of KILLED_AT) {
    const batch = JSON.stringify(Array.from({ length: OLD_KEYS }, exampleSession));
    await fills(profile, network.origin, saved, [batch]);
    ({ browser, page, kit } = await start());
    await kit.goTo("/requests/");
    await kit.choosesRequest(title);
    await expect
      .poll(async () => (await keyRows(page)).rows, { timeout: 120_000 })
      .toBeGreaterThanOrEqual(OLD_KEYS);
    // Something of one's own that can't go out yet.
    network.decide = ({ method, path }) =>
      method === "PUT" && path.includes("/send/") ? { kind: "cut" } : PASS;
    const queued = `Queued ${token()}`;
    await kit.says(queued);

    await must(admin.client, "policy.set", SHORT);
    let left = Infinity;
    // Closed under the look: the storage rotation that follows the prune has begun.
    const look = () =>
      keyRows(page).then(
        ({ rows: now }) => now,
        () => 0,
      );
    while (left > OLD_KEYS * part) left = await look();
    await browser.kill();

    await must(admin.client, "policy.set", LONG);
    network.decide = () => PASS;
    ({ browser, page, kit } = await start());
    await kit.goTo("/requests/");
    await kit.choosesRequest(title);
    await kit.everythingIsSent();
    await must(dispatcher.client, "room.open", { roomId });
    await waitForView(
      dispatcher.client,
      `room:${roomId}`,
      ({ timeline }) => timeline.some(({ body }) => body.kind === "message" && body.text === queued),
      "what waited has arrived",
    );
    const news = `News ${token()}`;
    await must(dispatcher.client, "chat.send", { roomId, body: news });
    await kit.message(news).waitFor();
    // Old ones were to be deleted, and none of them is left: also under the longer window.
    await expect
      .poll(async () => (await keyRows(page)).rows, { timeout: 120_000 })
      .toBeLessThan(OLD_KEYS / 20);
    await browser.close();
  }
  const devices = await devicesOf(instance, account.userId);
  expect(devices.map((each) => each.device_id)).toEqual([saved.deviceId]);
});
