import { afterAll, beforeAll, expect, test } from "vitest";
import { CutProxy, PASS } from "../support/cutProxy.ts";
import { Person } from "../support/person.ts";
import { Profile, type RunningBrowser } from "../support/profile.ts";
import { filesWith } from "../support/profileFiles.ts";
import { looksInto, type Saved } from "../support/secondProgram/index.ts";
import { devicesOf, encryptedIn } from "../support/server.ts";
import { serversHalf } from "../support/serverHalf.ts";
import { must, roomOf, startWorld, token, waitForView, type World } from "../support/world.ts";

let world: World;

beforeAll(async () => {
  world = await startWorld();
  await world.member("First Admin", ["admin"]);
});

afterAll(() => world[Symbol.asyncDispose]());

test("[P7] wiped while it was switched off, a copied profile opens nothing with all its files and the old token, where it did before", async () => {
  const { instance } = world;
  await using network = await CutProxy.open(instance.webUrl);
  const dispatcher = await world.member("Dina Dispatcher", ["dispatcher"]);
  const account = await world.withoutDevice("Rio Responder", ["responder"]);
  await using profile = await Profile.create();
  const person = async (browser: RunningBrowser) => new Person(await browser.page(), network.origin, account);

  const title = `A man on a bridge ${token()}`;
  let browser = await profile.open();
  let ona = await (await person(browser)).signIn();
  await must(dispatcher.client, "request.open", { fields: { description: title }, invite: [account.userId] });
  await ona.choosesRequest(title);
  await must(world.adminMember.client, "policy.set", { online_unlock: "on" });
  await ona.visit("Settings");
  await ona.page.getByRole("link", { name: "App lock" }).click();
  await ona.sees(/starts here only with a network/);
  // What came after the key was divided is opened by it as well.
  const said = `He climbs down ${token()}`;
  const roomId = await roomOf(dispatcher.client, title);
  await must(dispatcher.client, "chat.send", { roomId, body: said });
  await ona.visit("Requests");
  await ona.choosesRequest(title);
  await ona.message(said).waitFor();
  await browser.close();

  // No network: no start, said plainly; and nothing is shown. With the network it goes on by itself.
  network.decide = ({ path }) => (path.startsWith("/_matrix") ? { kind: "cut" } : PASS);
  browser = await profile.open();
  ona = await person(browser);
  await ona.goTo("/requests/");
  await ona.sees(/the server can’t be reached/);
  expect(await ona.reads()).not.toContain(title);
  network.decide = () => PASS;
  await ona.choosesRequest(title);
  await ona.message(said).waitFor();
  // Saved is what stands there before the last words: who reads those has the keys of all that came before them.
  const events = await encryptedIn(instance, roomId);
  const last = token();
  await must(dispatcher.client, "chat.send", { roomId, body: last });
  await ona.message(last).waitFor();
  await browser.close();

  const [device] = await devicesOf(instance, account.userId);
  const deviceId = device?.device_id ?? "";
  const saved: Saved = {
    userId: account.userId,
    deviceId,
    events,
    oldRootKeys: [],
    words: [title],
  };
  // The server's half never lay on this disk, in whatever form it came.
  const { half } = (await serversHalf(instance, account.userId, deviceId)) as { half: string };
  const forms = { text: Buffer.from(half), bytes: Buffer.from(half, "base64url") };
  expect(await filesWith(profile.dir, forms)).toEqual({ text: [], bytes: [] });
  await using stolen = await profile.copy();
  {
    // Before the wipe the thief has the token, gets the server's half with it, and opens all of it.
    await using copy = await stolen.copy();
    const report = await looksInto(copy, network.origin, saved);
    expect(Object.keys(report.opened).toSorted()).toEqual(events.map((each) => each.event_id).toSorted());
    expect(Object.values(report.opened).filter((text) => text.includes(said))).toHaveLength(1);
    expect(report.words).toEqual([title]);
  }
  await must(world.adminMember.client, "wipe.start", { userId: account.userId, mode: "keys" });
  await waitForView(
    world.adminMember.client,
    "wipes",
    ({ orders }) => orders.some((each) => each.userId === account.userId && each.state === "unanswered"),
    "the bot has ended the device, which did not answer",
  );
  expect(await serversHalf(instance, account.userId, deviceId)).toEqual({});
  const report = await looksInto(stolen, network.origin, saved);
  expect(report.looked.filter((each) => each.includes("sealed-header."))).not.toEqual([]);
  expect(report).toMatchObject({ records: 0, sessions: 0, opened: {}, words: [] });

  // The device itself, switched on again, while somebody keeps the record of the wipe from it: it asks for the password,
  // and finds its half gone. With the record it destroys what it has.
  network.decide = ({ path }) => (path.startsWith("/wipes") ? { kind: "cut" } : PASS);
  browser = await profile.open();
  ona = await person(browser);
  await ona.goTo("/requests/");
  await ona.heading(/^Welcome back/).waitFor();
  await ona.field("Password").fill(account.password);
  await ona.press("Sign in again");
  await ona.sees(/an admin may have wiped it/);
  network.decide = () => PASS;
  await ona.sees(/An admin of your team had the keys on this device destroyed/);
  expect((await ona.stored()).filter((each) => each.startsWith("bucket "))).toEqual([]);
  await browser.close();
});
