import { afterAll, beforeAll, expect, test } from "vitest";
import { Person } from "../support/person.ts";
import { Profile } from "../support/profile.ts";
import { filesWith } from "../support/profileFiles.ts";
import { looksInto, rowsOf, type Saved } from "../support/secondProgram/index.ts";
import { devicesOf, encryptedIn, until } from "../support/server.ts";
import { must, roomOf, startWorld, token, type World } from "../support/world.ts";

let world: World;

beforeAll(async () => {
  world = await startWorld();
  const admin = await world.member("First Admin", ["admin"]);
  // With blocks of a second every start is in a new one.
  await must(admin.client, "policy.set", { key_block: "PT1S" });
});

afterAll(() => world[Symbol.asyncDispose]());

test("[P3] once pruned and rotated, a profile opens no saved ciphertext of a pruned session, and its files hold nothing of it", async () => {
  const { instance, adminMember: admin } = world;
  const origin = instance.webUrl;
  const dispatcher = await world.member("Dina Dispatcher", ["dispatcher"]);
  const account = await world.withoutDevice("Rio Responder", ["responder"]);
  await using profile = await Profile.create();

  const title = `A man on a bridge ${token()}`;
  const [old, own, news, late] = [token(), token(), token(), token()] as const;
  let browser = await profile.open();
  const person = await new Person(await browser.page(), origin, account).signIn();
  await must(dispatcher.client, "request.open", { fields: { description: title }, invite: [account.userId] });
  const roomId = await roomOf(dispatcher.client, title);
  await must(dispatcher.client, "chat.send", { roomId, body: old });
  await person.choosesRequest(title);
  await person.message(old).waitFor();
  await person.says(own);
  await person.everythingIsSent();
  const { pathname, search, hash } = new URL(person.page.url());
  const address = pathname + search + hash;
  // Saved is what stands there before the last words: who reads those has the keys of all that came before them, of a
  // summary that was written meanwhile too.
  const events = await encryptedIn(instance, roomId);
  const last = token();
  await must(dispatcher.client, "chat.send", { roomId, body: last });
  await person.message(last).waitFor();
  await browser.close();

  const device = (await devicesOf(instance, account.userId))[0]?.device_id ?? "";
  const saved: Saved = {
    userId: account.userId,
    deviceId: device,
    events,
    oldRootKeys: [],
    words: [title, old, own],
  };
  const written = [dispatcher, account].map(
    ({ userId }) => events.filter(({ sender }) => sender === userId).length,
  );
  for (const count of written) expect(count).toBeGreaterThan(0);

  // Before: the second program opens all of it, so it is able to. On a copy, which it may do with what it likes.
  const rootKeys: string[] = [];
  const needles: Record<string, Uint8Array> = {};
  {
    await using copy = await profile.copy();
    const report = await looksInto(copy, origin, saved);
    expect(Object.keys(report.opened).toSorted()).toEqual(events.map((each) => each.event_id).toSorted());
    for (const words of [title, old, own])
      expect(Object.values(report.opened).filter((text) => text.includes(words))).not.toEqual([]);
    // What Hearth derived and keeps, it opens as well.
    expect(report.words).toContain(title);
    expect(report.places).toHaveLength(1);
    expect(report.rootKeys).toHaveLength(1);
    rootKeys.push(...report.rootKeys);
    for (const key of rootKeys) needles[`root key ${key}`] = Buffer.from(key, "hex");
    const { rows } = await rowsOf(copy, origin, saved);
    expect(rows.length).toBeGreaterThan(1);
    for (const [i, row] of rows.entries()) needles[`row ${i}`] = Uint8Array.from(row);
  }
  const before = await filesWith(profile.dir, needles);
  for (const [name, files] of Object.entries(before)) expect(files, `${name}, before`).not.toEqual([]);

  // The policy forgets all of it: the request was closed, so what it said goes too.
  await must(dispatcher.client, "request.close", { roomId });
  // All of it while the window is long, or the browser would hear of it when the window is long again.
  await until("the last words, the closing and its summary are sent", async () => {
    const { length } = await encryptedIn(instance, roomId);
    return length >= events.length + 3;
  });
  await must(admin.client, "policy.set", { key_window: "PT2S" });
  browser = await profile.open();
  const forgetting = new Person(await browser.page(), origin, account);
  await forgetting.goTo(address);
  await forgetting.page.getByText("are no longer kept on this device").waitFor();
  await forgetting.message(old).waitFor({ state: "detached" });
  await browser.close();

  // The next start rotates its storage, and goes on as the same device. What is written while the window is long again stays.
  await must(admin.client, "policy.set", { key_window: "P14D" });
  const later = await world.member("Rita Responder", ["responder"]);
  browser = await profile.open();
  const again = new Person(await browser.page(), origin, account);
  await again.goTo("/team/");
  // Who came after the policy was changed is seen, so the policy has arrived too.
  await again.page.getByText(later.displayName).first().waitFor();
  await must(dispatcher.client, "request.open", { fields: { description: news }, invite: [account.userId] });
  const newRoomId = await roomOf(dispatcher.client, news);
  await again.goTo("/requests/");
  await again.choosesRequest(news);
  await again.says(late);
  await again.everythingIsSent();
  await browser.close();

  const after = await filesWith(profile.dir, needles);
  for (const [name, files] of Object.entries(after)) expect(files, `${name}, afterwards`).toEqual([]);
  const newer = await encryptedIn(instance, newRoomId);
  const report = await looksInto(profile, origin, {
    ...saved,
    events: [...(await encryptedIn(instance, roomId)), ...newer],
    oldRootKeys: rootKeys,
    words: [...saved.words, news],
  });
  expect(Object.keys(report.opened).toSorted()).toEqual(newer.map((each) => each.event_id).toSorted());
  expect(Object.values(report.opened).filter((text) => text.includes(late))).toHaveLength(1);
  expect(report.words).toContain(news);
  for (const words of saved.words) expect(report.words).not.toContain(words);
  expect(report.rootKeys).toHaveLength(1);
  expect(rootKeys).not.toContain(report.rootKeys[0]);
  expect(report.places).toHaveLength(1);
  expect((await devicesOf(instance, account.userId)).map((each) => each.device_id)).toEqual([device]);
});

test("[P3] what is typed into a field of ours stays out of what the browser itself keeps", async () => {
  const account = await world.withoutDevice("Rosa Responder", ["responder"]);
  await using profile = await Profile.create();
  const browser = await profile.open();
  const person = await new Person(await browser.page(), world.instance.webUrl, account).signIn();
  const { page } = person;
  await page.goto(`${world.instance.webUrl}/team/`);
  const [searched, control] = [token(), token()];
  await page.getByRole("searchbox").pressSequentially(searched);
  // A field that asks for nothing, as a control: a browser keeps what was typed, for when it is started again.
  await page.evaluate(() => document.body.append(document.createElement("input")));
  await page.locator("body > input").pressSequentially(control);
  await page.goto(`${world.instance.webUrl}/healthz`);
  await browser.close();
  const found = await filesWith(profile.dir, {
    searched: Buffer.from(searched),
    control: Buffer.from(control),
  });
  expect(found["control"]).not.toEqual([]);
  expect(found["searched"]).toEqual([]);
});
