import { expect, test } from "vitest";
import { TestBrowser } from "../support/browser.ts";
import { CutProxy, PASS } from "../support/cutProxy.ts";
import { journey } from "../support/journey.ts";
import { deleteDevice, devicesOf } from "../support/server.ts";

const here = journey();

/** Does something while the homeserver is away; afterwards it is back, whatever happened. */
async function withoutServer(work: () => Promise<void>): Promise<void> {
  await here.world.instance.stopSynapse();
  try {
    await work();
  } finally {
    await here.world.instance.startSynapse();
  }
}

test("what is written while the server is away is queued, shown as such, survives a reload, and is sent when it returns", async () => {
  const dispatcher = await here.atBrowser("Dora Dispatcher", "dispatcher");
  const responder = await here.atBrowser("Rio Responder", "responder");
  const title = `A tree across the road ${here.secret()}`;
  await dispatcher.openRequest({ description: title, people: ["Rio Responder"] });
  await responder.choosesRequest(title);

  const said = `Sent into the dark ${here.secret()}`;
  const second = `A second tree ${here.secret()}`;
  await withoutServer(async () => {
    await dispatcher.says(said);
    await dispatcher.message(said).getByText("Waiting to be sent").waitFor();
    await dispatcher.page
      .getByRole("status")
      .filter({ hasText: /not sent yet/ })
      .waitFor();
    // A whole request, too: it stands in the list, and says that it is not sent.
    await dispatcher.openRequest({ description: second });
    await dispatcher.visit("Requests");
    await dispatcher.row(second).getByText("Not sent yet").waitFor();

    await dispatcher.page.reload();
    await dispatcher.row(second).getByText("Not sent yet").waitFor();
    await dispatcher.choosesRequest(title);
    await dispatcher.message(said).getByText("Waiting to be sent").waitFor();
  });

  await responder.message(said).waitFor();
  await dispatcher.everythingIsSent();
  await dispatcher.row(second).getByText("Not sent yet").waitFor({ state: "hidden" });
  expect(await dispatcher.message(said).count(), "sent once").toBe(1);
  expect(await responder.message(said).count(), "received once").toBe(1);
  expect(await dispatcher.row(second).count(), "opened once").toBe(1);
});

test("an answer lost on its way back does not make a message stand there twice", async () => {
  const { world } = here;
  await using network = await CutProxy.open(world.instance.webUrl);
  const browser = await here.withBrowser(TestBrowser.open(network.origin));
  const account = await here.member("Dana Dispatcher", "dispatcher");
  const person = await (await browser.person(account)).signIn();
  let left = 3;
  network.decide = ({ method, path }) => {
    const isSend = method === "PUT" && path.includes("/send/");
    if ((!isSend && !path.endsWith("/createRoom")) || left === 0) return PASS;
    left -= 1;
    return { kind: "lose" };
  };
  const title = `A car in the ditch ${here.secret()}`;
  await person.openRequest({ description: title });
  const said = `Nobody in it ${here.secret()}`;
  await person.says(said);
  await person.everythingIsSent();
  expect(left).toBe(0);
  expect(await person.message(said).count()).toBe(1);
  expect(await person.row(title).count()).toBe(1);
});

test("what somebody has begun goes on while the server makes the room of a new request", async () => {
  const { world } = here;
  await using network = await CutProxy.open(world.instance.webUrl);
  const browser = await here.withBrowser(TestBrowser.open(network.origin));
  const person = await (await browser.person(await here.member("Quick Fingers", "dispatcher"))).signIn();
  network.decide = ({ path }) => (path.endsWith("/createRoom") ? { kind: "cut" } : PASS);
  const title = `A cellar under water ${here.secret()}`;
  await person.openRequest({ description: title });
  await person.row(title).getByText("Not sent yet").waitFor();
  const madeUp = person.page.url();
  const halfSaid = `The pump is ${here.secret()}`;
  await person.composer.fill(halfSaid);
  await person.press("Edit", person.request);
  const location = `Mill lane ${here.secret()}`;
  await person.field("Location", person.dialog).fill(location);

  network.decide = () => PASS;
  await person.page.waitForURL((url) => url.href !== madeUp);
  expect(await person.field("Location", person.dialog).inputValue()).toBe(location);
  await person.press("Save", person.dialog);
  await person.dialog.waitFor({ state: "hidden" });
  await person.everythingIsSent();
  await person.sees(location);
  expect(await person.composer.inputValue()).toBe(halfSaid);
});

test("a second tab says so, takes over when asked, and the first one stops", async () => {
  const first = await here.atBrowser("Rita Responder", "responder");
  const second = first.beside(await first.page.context().newPage());
  await second.goTo("/requests/");
  await second.heading("Hearth is open in another tab").waitFor();
  await first.seesList();
  await second.press("Use Hearth in this tab");
  await second.seesList();
  await first.heading("Hearth is open in another tab").waitFor();
  await first.press("Use Hearth in this tab");
  await first.seesList();
  await second.heading("Hearth is open in another tab").waitFor();
});

test("[P7] a dead token locks and destroys nothing: signing in again goes on with the same device and its keys", async () => {
  const { instance } = here.world;
  const dispatcher = await here.atBrowser("Dina Dispatcher", "dispatcher");
  const account = await here.member("Remy Responder", "responder");
  const person = await (await here.browser.person(account)).signIn();
  const title = `A gas smell ${here.secret()}`;
  await dispatcher.openRequest({ description: title, people: ["Remy Responder"] });
  await person.choosesRequest(title);
  const before = `Read before the lock ${here.secret()}`;
  await dispatcher.says(before);
  await person.message(before).waitFor();

  const [device, ...others] = await devicesOf(instance, account.userId);
  expect(others).toEqual([]);
  await deleteDevice(instance, account.userId, device?.device_id ?? "");
  await person.heading(/^Welcome back/).waitFor();
  for (const words of [title, before]) expect(await person.page.content()).not.toContain(words);
  await person.page.reload();
  await person.heading(/^Welcome back/).waitFor();

  await person.field("Password").fill("not my password at all");
  await person.press("Sign in again");
  expect(await person.errorOf("Password")).toMatch(/Wrong user name or password/);
  await person.field("Password").fill(account.password);
  await person.press("Sign in again");
  await person.choosesRequest(title);
  await person.message(before).waitFor();
  expect((await devicesOf(instance, account.userId)).map((each) => each.device_id)).toEqual([
    device?.device_id,
  ]);
  const after = `Written after the lock ${here.secret()}`;
  await dispatcher.says(after);
  await person.message(after).waitFor();
  const reply = `And answered ${here.secret()}`;
  await person.says(reply);
  await dispatcher.message(reply).waitFor();
});

test("storage that the browser refuses is said plainly, with what to do", async () => {
  const browser = await here.withBrowser(TestBrowser.openRefusingStorage(here.world.instance.webUrl));
  const person = await browser.person();
  await person.goTo("/sign-in/");
  await person.heading("This browser gives Hearth no room to work").waitFor();
  await person.page
    .getByRole("alert")
    .filter({ hasText: /\w+ \w+/ })
    .waitFor();
  await person.sees(/allow this site to store data/);
  // It does not lock anybody out of help, and says the same when asked again.
  await person.press("Try again");
  await person.heading("This browser gives Hearth no room to work").waitFor();
});

test("storage that the browser threw away is said plainly, and the recovery key lets the person in again", async () => {
  const person = await here.atBrowser("Rosa Responder", "responder");
  const devtools = await person.page.context().newCDPSession(person.page);
  await person.goTo("/nothing/");
  await person.page.goto("about:blank");
  await devtools.send("Storage.clearDataForOrigin", { origin: person.origin, storageTypes: "all" });
  await person.goTo("/requests/");
  await person.heading("Sign in").waitFor();
  await person.signIn();
});

test("[P7] sign-out with the server unreachable leaves nothing on the device", async () => {
  const dispatcher = await here.atBrowser("Dirk Dispatcher", "dispatcher");
  await dispatcher.openRequest({ description: `A smashed window ${here.secret()}` });
  await dispatcher.everythingIsSent();
  expect(await dispatcher.stored()).not.toEqual([]);
  await withoutServer(async () => {
    await dispatcher.signOut();
    expect(await dispatcher.stored()).toEqual([]);
    await dispatcher.page.reload();
    await dispatcher.heading("Sign in").waitFor();
    expect(await dispatcher.stored()).toEqual([]);
  });
});

here.scanAtTheEnd();
