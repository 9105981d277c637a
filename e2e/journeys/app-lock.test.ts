import { afterAll, beforeAll, expect, test } from "vitest";
import { problems } from "../support/axe.ts";
import { CutProxy, PASS } from "../support/cutProxy.ts";
import { Person } from "../support/person.ts";
import { Profile, type RunningBrowser } from "../support/profile.ts";
import { filesWith } from "../support/profileFiles.ts";
import { looksInto, type Saved } from "../support/secondProgram/index.ts";
import { devicesOf, encryptedIn } from "../support/server.ts";
import { must, roomOf, startWorld, token, type World } from "../support/world.ts";
import { pretendFingerReader } from "../support/fingerReader.ts";

const PASSPHRASE = "violet anchor marmalade seven";
const OTHER = "cobalt ladder harmonica nine";

let world: World;

beforeAll(async () => {
  world = await startWorld();
  await world.member("First Admin", ["admin"]);
});

afterAll(() => world[Symbol.asyncDispose]());

/** The hands of somebody at the lock. */
class LockedPerson extends Person {
  async unlocks(passphrase: string): Promise<void> {
    await this.heading("Hearth is locked").waitFor();
    await this.field("Passphrase").fill(passphrase);
    await this.press("Unlock");
  }

  async turnsOn(passphrase: string): Promise<void> {
    await this.goesToLock();
    await this.types({ "New passphrase": passphrase, "New passphrase, once more": passphrase });
    await this.press("Turn on");
    await this.heading("It is on").waitFor();
  }

  async changes(from: string, to: string): Promise<void> {
    await this.goesToLock();
    await this.types({ "Current passphrase": from, "New passphrase": to, "New passphrase, once more": to });
    await this.press("Change passphrase");
    await this.sees("The passphrase is changed.");
  }

  async goesToLock(): Promise<void> {
    await this.visit("Settings");
    await this.page.getByRole("link", { name: "App lock" }).click();
    await this.heading("App lock").waitFor();
  }

  async types(fields: Readonly<Record<string, string>>): Promise<void> {
    for (const [label, text] of Object.entries(fields)) await this.field(label).fill(text);
  }
}

test("[P7] under an app lock a copied profile opens nothing, and the plain root key is nowhere in its files", async () => {
  const { instance } = world;
  await using network = await CutProxy.open(instance.webUrl);
  const dispatcher = await world.member("Dina Dispatcher", ["dispatcher"]);
  const account = await world.withoutDevice("Rio Responder", ["responder"]);
  await using profile = await Profile.create();
  const person = async (browser: RunningBrowser) =>
    new LockedPerson(await browser.page(), network.origin, account);

  const title = `A lost child ${token()}`;
  const said = `She is found ${token()}`;
  let browser = await profile.open();
  let lou = await person(browser);
  const login = lou.page.waitForResponse((answer) => answer.url().endsWith("/v3/login"));
  await lou.signIn();
  const { access_token, refresh_token } = (await (await login).json()) as Record<string, string>;
  await must(dispatcher.client, "request.open", { fields: { description: title }, invite: [account.userId] });
  const roomId = await roomOf(dispatcher.client, title);
  await must(dispatcher.client, "chat.send", { roomId, body: said });
  await lou.choosesRequest(title);
  await lou.message(said).waitFor();
  // Saved is what stands there before the last words: who reads those has the keys of all that came before them.
  const events = await encryptedIn(instance, roomId);
  const last = token();
  await must(dispatcher.client, "chat.send", { roomId, body: last });
  await lou.message(last).waitFor();
  await browser.close();

  const [device] = await devicesOf(instance, account.userId);
  const saved: Saved = {
    userId: account.userId,
    deviceId: device?.device_id ?? "",
    events,
    oldRootKeys: [],
    words: [title, said],
  };
  const all = events.map((each) => each.event_id).toSorted();

  // Before: the second program opens all of it with what lies in the profile, and the key's bytes stand in its files.
  const before = await lookAtCopy(profile, network.origin, saved);
  expect(Object.keys(before.opened).toSorted()).toEqual(all);
  expect(before.words).toContain(title);
  expect(before.rootKeys).toHaveLength(1);
  const rootKey = Buffer.from(before.rootKeys[0] ?? "", "hex");
  expect((await filesWith(profile.dir, { rootKey }))["rootKey"]).not.toEqual([]);
  // At rest nothing lies in the clear, lock or no lock: no words, no tokens, in no file of any kind.
  const clear = Object.entries({ title, said, access_token, refresh_token });
  const asBytes = Object.fromEntries(clear.map(([name, text]) => [name, Buffer.from(text ?? "")]));
  for (const [name, files] of Object.entries(await filesWith(profile.dir, asBytes)))
    expect(files, `${name}, in the clear`).toEqual([]);

  browser = await profile.open();
  lou = await person(browser);
  await lou.goTo("/requests/");
  await lou.seesList();
  await lou.turnsOn(PASSPHRASE);
  await browser.close();
  const wrappedKey = await wrappedIn(profile, network.origin);
  const needles = { rootKey, wrappedKey };
  expect(await filesWith(profile.dir, needles)).toMatchObject({ rootKey: [] });
  expect((await filesWith(profile.dir, needles))["wrappedKey"]).not.toEqual([]);
  // Every database, cache and file: without the passphrase not a word, not a key, not a token.
  const after = await lookAtCopy(profile, network.origin, saved);
  expect(after).toMatchObject({ rootKeys: [], records: 0, sessions: 0, opened: {}, words: [] });

  // A start shows the lock page and nothing else; a wrong passphrase opens nothing.
  browser = await profile.open();
  lou = await person(browser);
  await lou.goTo("/requests/");
  await lou.unlocks(OTHER);
  await lou.sees(/not the passphrase/);
  const text = await lou.reads();
  for (const words of [title, said, account.userName, account.displayName]) expect(text).not.toContain(words);
  await lou.unlocks(PASSPHRASE);
  await lou.choosesRequest(title);

  // What can't go out is queued; the app locks; unlocked, it goes out.
  network.decide = ({ method, path }) =>
    method === "PUT" && path.includes("/send/") ? { kind: "cut" } : PASS;
  const queued = `On my way ${token()}`;
  await lou.says(queued);
  await lou.goesToLock();
  await lou.press("Lock now");
  await lou.heading("Hearth is locked").waitFor();
  expect(await lou.reads()).not.toContain(title);
  network.decide = () => PASS;
  await lou.unlocks(PASSPHRASE);
  await lou.visit("Requests");
  await lou.choosesRequest(title);
  await lou.message(queued).waitFor();
  await lou.everythingIsSent();

  // Another passphrase: what the first one wrapped is gone from the files.
  await lou.changes(PASSPHRASE, OTHER);
  await browser.close();
  expect(await filesWith(profile.dir, needles)).toEqual({ rootKey: [], wrappedKey: [] });

  browser = await profile.open();
  lou = await person(browser);
  await lou.goTo("/requests/");
  await lou.unlocks(OTHER);
  await lou.seesList();
  await lou.goesToLock();
  await lou.field("Passphrase").fill(OTHER);
  await lou.press("Turn off");
  await lou.heading("Turn on").waitFor();
  await browser.close();
  const open = await lookAtCopy(profile, network.origin, saved);
  expect(Object.keys(open.opened).toSorted()).toEqual(all);
});

/** As on a copy that somebody took home. */
async function lookAtCopy(profile: Profile, origin: string, saved: Saved) {
  await using copy = await profile.copy();
  return await looksInto(copy, origin, saved);
}

/** The root key as it lies under the lock. */
async function wrappedIn(profile: Profile, origin: string): Promise<Uint8Array> {
  await using copy = await profile.copy();
  const browser = await copy.open();
  const page = await browser.page();
  await page.goto(`${origin}/help/`);
  const wrapped = await page.evaluate(async () => {
    type Buckets = {
      keys(): Promise<string[]>;
      open(name: string): Promise<{ getDirectory(): Promise<FileSystemDirectoryHandle> }>;
    };
    const { storageBuckets } = navigator as unknown as { storageBuckets: Buckets };
    for (const name of await storageBuckets.keys()) {
      const folder = await (await storageBuckets.open(name)).getDirectory();
      for (const slot of ["lock.a", "lock.b"]) {
        const file = await folder.getFileHandle(slot).catch(() => undefined);
        if (!file) continue;
        // Behind a digest of 32 bytes and a number of 4, any of which may look like a brace.
        const text = await (await file.getFile()).slice(36).text();
        return (JSON.parse(text) as { root: { data: string } }).root.data;
      }
    }
    return "";
  });
  await browser.close();
  return Buffer.from(wrapped);
}

test("nobody there for a while, and it locks; five wrong tries make wait, a reload does not help", async () => {
  const { instance } = world;
  const account = await world.withoutDevice("Rita Responder", ["responder"]);
  await using profile = await Profile.create();
  const browser = await profile.open();
  const tia = await new LockedPerson(await browser.page(), instance.webUrl, account).signIn();
  await tia.turnsOn(PASSPHRASE);
  await must(world.adminMember.client, "policy.set", { lock_idle: "PT2S" });
  await tia.heading("Hearth is locked").waitFor();
  await must(world.adminMember.client, "policy.set", { lock_idle: "off" });
  for (let i = 0; i < 5; i++) {
    await tia.unlocks(OTHER);
    if (i < 4) await tia.field("Passphrase").and(tia.page.locator("[aria-invalid=true]")).waitFor();
  }
  await tia.sees(/wrong 5 times. You can try again in [1-3]?\d seconds/);
  const wait = tia.page.getByText(/wrong \d+ times/);
  const unlock = tia.page.getByRole("button", { name: "Unlock" });
  for (let tries = 6; ; tries++) {
    await tia.page.reload();
    await tia.heading("Hearth is locked").waitFor();
    const isDisabled = await unlock.isDisabled();
    const waits = await wait.isVisible();
    if (waits) expect(isDisabled).toBe(true);
    if (waits) break;
    // The reload took longer than the wait: one more makes a longer one.
    await tia.unlocks(OTHER);
    await tia.sees(`wrong ${tries} times`);
  }
  await wait.waitFor({ state: "hidden" });
  await tia.unlocks(PASSPHRASE);
  await tia.heading("It is on").waitFor();
  await browser.close();
});

test("a passkey that can give a key opens the lock, and the passphrase goes on opening it", async () => {
  const { instance } = world;
  const account = await world.withoutDevice("Remy Responder", ["responder"]);
  await using profile = await Profile.create();
  const browser = await profile.open();
  const page = await browser.page();
  await pretendFingerReader(page);
  const pia = await new LockedPerson(page, instance.webUrl, account).signIn();
  await pia.turnsOn(PASSPHRASE);
  await pia.field("Passphrase of the lock").fill(PASSPHRASE);
  await pia.press("Add a passkey");
  await pia.sees("A passkey opens the lock as well");
  const found = await problems(pia, "app lock");
  await pia.press("Lock now");
  await pia.heading("Hearth is locked").waitFor();
  found.push(...(await problems(pia, "app locked")));
  expect(found, "what axe finds").toEqual([]);
  await pia.press("Unlock with the passkey");
  await pia.heading("It is on").waitFor();
  await page.reload();
  await pia.unlocks(PASSPHRASE);
  await pia.heading("It is on").waitFor();
  await pia.press("Remove the passkey");
  await pia.heading("It is on").waitFor();
  await pia.field("Passphrase of the lock").waitFor();
  await pia.press("Lock now");
  await pia.heading("Hearth is locked").waitFor();
  expect(await page.getByRole("button", { name: "Unlock with the passkey" }).count()).toBe(0);
  await browser.close();
});
