import { afterAll, beforeAll, expect, test } from "vitest";
import { Person } from "../support/person.ts";
import { Profile } from "../support/profile.ts";
import { filesWith } from "../support/profileFiles.ts";
import { looksInto, prunes, type Saved } from "../support/secondProgram/index.ts";
import { devicesOf, encryptedIn } from "../support/server.ts";
import { must, roomOf, startWorld, token, type World } from "../support/world.ts";

let world: World;

beforeAll(async () => {
  world = await startWorld();
  const admin = await world.member("First Admin", ["admin"]);
  // With blocks of a second every start is in a new one.
  await must(admin.client, "policy.set", { key_block: "PT1S" });
});

afterAll(() => world[Symbol.asyncDispose]());

test("[P3] once pruned and moulted, a profile opens no saved ciphertext of a pruned session, and its files hold nothing of it", async () => {
  const { instance, adminMember: admin } = world;
  const origin = instance.webUrl;
  const dispatcher = await world.member("Dina Dispatcher", ["dispatcher"]);
  const account = await world.member("Mia Moults", ["responder"]);
  await must(account.client, "session.signOut", {});
  await using profile = await Profile.create();

  const title = `A man on a bridge ${token()}`;
  const [old, own, kept, late] = [token(), token(), token(), token()] as const;
  let browser = await profile.open();
  const person = await new Person(await browser.page(), origin, account).signIn();
  await must(dispatcher.client, "request.open", { fields: { description: title }, invite: [account.userId] });
  const roomId = await roomOf(dispatcher.client, title);
  await must(dispatcher.client, "chat.send", { roomId, body: old });
  await person.choosesRequest(title);
  await person.message(old).waitFor();
  await person.says(own);
  await person.everythingIsSent();
  await must(admin.client, "chat.send", { roomId: await roomOf(admin.client, title), body: kept });
  await person.message(kept).waitFor();
  await browser.close();

  const events = await encryptedIn(instance, roomId);
  const device = (await devicesOf(instance, account.userId))[0]?.device_id ?? "";
  const saved: Saved = {
    userId: account.userId,
    deviceId: device,
    events,
    oldRootKeys: [],
    words: [title],
  };
  const by = (userId: string) =>
    events.filter(({ sender }) => sender === userId).map((each) => each.event_id);
  expect(by(dispatcher.userId).length).toBeGreaterThan(1);

  // Before: the second program opens all of it, so it is able to. On a copy, which it may do with what it likes.
  const rootKeys: string[] = [];
  {
    await using copy = await profile.copy();
    const report = await looksInto(copy, origin, saved);
    expect(Object.keys(report.opened).toSorted()).toEqual(events.map((each) => each.event_id).toSorted());
    for (const words of [title, old, own, kept])
      expect(Object.values(report.opened).filter((text) => text.includes(words))).not.toEqual([]);
    // What Hearth derived and keeps, it opens as well.
    expect(report.words).toEqual(saved.words);
    expect(report.places).toHaveLength(1);
    rootKeys.push(...report.rootKeys);
  }
  expect(rootKeys).toHaveLength(1);

  // Until Hearth prunes, the rows of the dispatcher's session are deleted for it.
  const theirs = { ...saved, events: events.filter(({ sender }) => sender === dispatcher.userId) };
  const { rows } = await prunes(profile, origin, theirs);
  expect(rows.length).toBeGreaterThan(0);
  const needles: Record<string, Uint8Array> = Object.fromEntries([
    ...rootKeys.map((key, i) => [`root key ${i}`, Buffer.from(key, "hex")] as const),
    ...rows.map((row, i) => [`row ${i}`, Uint8Array.from(row)] as const),
  ]);
  const before = await filesWith(profile.dir, needles);
  for (const [name, files] of Object.entries(before)) expect(files, `${name}, before`).not.toEqual([]);

  // The next start moults, and goes on as the same device.
  browser = await profile.open();
  const again = new Person(await browser.page(), origin, account);
  await again.goTo("/requests/");
  // Its first entry was pruned too, so the request has no title any more; what others said is there.
  await again.page.getByRole("list", { name: "Requests" }).getByRole("link").click();
  await again.message(kept).waitFor();
  await again.says(late);
  await again.everythingIsSent();
  await browser.close();

  const after = await filesWith(profile.dir, needles);
  for (const [name, files] of Object.entries(after)) expect(files, `${name}, afterwards`).toEqual([]);
  const all = await encryptedIn(instance, roomId);
  const report = await looksInto(profile, origin, { ...saved, events: all, oldRootKeys: rootKeys });
  const readable = all.filter(({ sender }) => sender !== dispatcher.userId).map((each) => each.event_id);
  expect(Object.keys(report.opened).toSorted()).toEqual(readable.toSorted());
  expect(Object.values(report.opened).filter((text) => text.includes(late))).toHaveLength(1);
  expect(report.rootKeys).toHaveLength(1);
  expect(report.rootKeys).not.toEqual(rootKeys);
  expect(report.places).toHaveLength(1);
  expect((await devicesOf(instance, account.userId)).map((each) => each.device_id)).toEqual([device]);
});
