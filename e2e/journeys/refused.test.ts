import { VERSION } from "@hearth/protocol";
import { expect, test } from "vitest";
import { TestBrowser } from "../support/browser.ts";
import { CutProxy, PASS } from "../support/cutProxy.ts";
import { journey } from "../support/journey.ts";
import { Rogue } from "../support/rogue.ts";
import { roomOf } from "../support/world.ts";

const here = journey();

test("[P1] a client that tries to send plaintext into a request is refused by the server and the user told", async () => {
  const { world } = here;
  await using network = await CutProxy.open(world.instance.webUrl);
  const browser = await here.withBrowser(TestBrowser.open(network.origin));
  const account = await here.member("Dana Dispatcher", "dispatcher");
  const person = await (await browser.person(account)).signIn();
  const title = `A window stands open ${here.secret()}`;
  await person.openRequest({ description: title });
  await person.everythingIsSent();

  // The client goes wrong on its way out: what should be ciphertext leaves as it was typed. The word in it is not one
  // that the scan looks for: the server has seen it, and only refuses to keep it in the room.
  const words = "this should have been encrypted";
  const refusals: string[] = [];
  network.decide = ({ method, path }) => {
    if (method !== "PUT" || !path.includes("/send/m.room.encrypted/")) return PASS;
    refusals.push(path);
    return {
      kind: "alter",
      path: path.replace("/send/m.room.encrypted/", "/send/m.room.message/"),
      body: { msgtype: "m.text", body: words },
    };
  };
  await person.says(words);
  const message = person.message(words);
  await message.getByText(/Not sent\./).waitFor();
  expect(await message.innerText()).toMatch(/Not sent\. .{20,}/);
  expect(refusals).not.toEqual([]);

  network.decide = () => PASS;
  await person.press("Discard", message);
  await message.waitFor({ state: "hidden" });
});

test("[P1] the server says no, with a code and a sentence, to every plain event of another client", async () => {
  const { world } = here;
  const dispatcher = await here.atBrowser("Dora Dispatcher", "dispatcher");
  const other = await world.member("Rio Responder", ["responder"]);
  const title = `A quarrel ${here.secret()}`;
  await dispatcher.openRequest({ description: title, people: ["Rio Responder"] });
  const roomId = await roomOf(other.client, title);
  await using rogue = await Rogue.signIn(world.instance.homeserverUrl, other);
  await rogue.join(roomId);
  for (const [type, content] of [
    ["m.room.message", { msgtype: "m.text", body: "in the clear" }],
    ["m.reaction", { "m.relates_to": { rel_type: "m.annotation", event_id: "$x", key: "in the clear" } }],
    ["org.hearth.request.status", { status: "on_site" }],
    ["m.room.encrypted", { algorithm: "m.megolm.v1.aes-sha2", body: "in the clear" }],
  ] as const) {
    const answer = await rogue.sendPlain(roomId, type, content);
    expect(answer, `answer to ${type}`).toMatchObject({
      status: 403,
      errcode: expect.stringMatching(/^[A-Z._]+$/),
    });
    expect(answer.error, `sentence for ${type}`).toMatch(/\w+ \w+/);
  }
});

test("an event forged by another client with valid encryption but wrong types, and one of a future version: visible refusals that change nothing", async () => {
  const { world } = here;
  const dispatcher = await here.atBrowser("Dina Dispatcher", "dispatcher");
  const forger = await world.member("Rita Responder", ["responder"]);
  const title = `A bicycle in the river ${here.secret()}`;
  await dispatcher.openRequest({ description: title, people: ["Rita Responder"] });
  const roomId = await roomOf(forger.client, title);
  await using rogue = await Rogue.signIn(world.instance.homeserverUrl, forger);
  await rogue.signDevice();
  await rogue.join(roomId);

  const id = "aaaaaaaaaaaaaaaaaaaaaaaaaa";
  const envelope = { v: 1, id, at: Date.now(), device: "ROGUE", seq: 1, heads: [] };
  await rogue.sendEncrypted(roomId, "org.hearth.request.status", { ...envelope, status: 42 });
  await dispatcher.message(/wrong content/).waitFor();
  await rogue.sendEncrypted(roomId, "org.hearth.request.status", {
    ...envelope,
    v: 99,
    status: "on_site",
  });
  await dispatcher.message(/newer version/).waitFor();
  // What this origin serves is what runs here already: nobody is sent to reload for nothing.
  const served = await fetch(`${world.instance.webUrl}/version.json`);
  expect(await served.json()).toEqual({ version: VERSION });
  await dispatcher.message(/than this server has for you/).waitFor();
  await rogue.sendEncrypted(roomId, "m.room.message", { msgtype: "m.image", body: 12 });
  await dispatcher.message(/content has the wrong form/).waitFor();
  await dispatcher.seesStatus("Unassigned");
  await dispatcher.seesRequest(title);

  const afterwards = `Still here ${here.secret()}`;
  await dispatcher.says(afterwards);
  await dispatcher.everythingIsSent();

  // Once the origin serves a newer build, the next such entry makes the client ask for it, and say what helps.
  await dispatcher.page.route("**/version.json", (route) => route.fulfill({ json: { version: "999.0.0" } }));
  await rogue.sendEncrypted(roomId, "org.hearth.request.status", {
    ...envelope,
    id: "bbbbbbbbbbbbbbbbbbbbbbbbbb",
    v: 99,
    seq: 2,
    status: "on_site",
  });
  await dispatcher
    .message(/reload to update/)
    .first()
    .waitFor();
});

test("70 kB of description are refused beside the field, and nothing of them is lost", async () => {
  const dispatcher = await here.atBrowser("Dirk Dispatcher", "dispatcher");
  const long = `${here.secret()} `.repeat(2800);
  await dispatcher.page.getByRole("link", { name: "New request" }).click();
  await dispatcher.fillRequest({ description: long });
  await dispatcher.press("Open request");
  const field = dispatcher.page.getByRole("textbox", { name: /^What happened/ });
  await field.and(dispatcher.page.locator("[aria-invalid=true]")).waitFor();
  await dispatcher.sees(/too long/);
  expect(await field.inputValue()).toBe(long);

  await field.fill(long.slice(0, 15_000));
  await dispatcher.press("Open request");
  await dispatcher.seesRequest(long.slice(0, 24));
  await dispatcher.everythingIsSent();

  // The same in the chat.
  await dispatcher.composer.fill(long);
  await dispatcher.press("Send");
  await dispatcher.sees(/too (long|large)/i);
  expect(await dispatcher.reads()).toMatch(/too (long|large)/i);
});

here.scanAtTheEnd();
