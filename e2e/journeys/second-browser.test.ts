import { expect, test } from "vitest";
import { journey } from "../support/journey.ts";
import { devicesOf } from "../support/server.ts";

const here = journey();

test("a new sign-in on a second browser is signed with the recovery key and then reads new messages", async () => {
  const { world, browser } = here;
  const owner = await here.member("Rio Responder", "responder");
  const dispatcher = await here.atBrowser("Dora Dispatcher", "dispatcher");
  const first = await (await browser.person(owner)).signIn();
  const title = `A flooded cellar ${here.secret()}`;
  await dispatcher.openRequest({ description: title, people: ["Rio Responder"] });
  await first.choosesRequest(title);

  const second = await browser.person(owner);
  await second.enterPassword();
  await second.heading("Unlock this device").waitFor();

  // A key of somebody else's, and no key at all.
  await second.enterRecoveryKey((await here.admin()).recoveryKey);
  expect(await second.errorOf("Recovery key")).toMatch(/recovery key/i);
  await second.enterRecoveryKey("not a key");
  expect(await second.errorOf("Recovery key")).toMatch(/recovery key/i);

  // [P8] As long as it is not signed, it is there, and gets nothing.
  const unsigned = `While the second browser waits ${here.secret()}`;
  await dispatcher.says(unsigned);
  await first.message(unsigned).waitFor();
  expect(await devicesOf(world.instance, owner.userId)).toHaveLength(2);
  expect(await second.reads()).not.toContain(title);

  await second.enterRecoveryKey();
  await second.seesList();
  await second.page.getByRole("list", { name: "Requests" }).getByRole("link").click();
  const news = `For both browsers ${here.secret()}`;
  await dispatcher.says(news);
  await second.message(news).waitFor();
  await first.message(news).waitFor();
  // What went out before it was signed was not for it, and it says so.
  await second.sees(/can’t be read here/);
  expect(await second.reads()).not.toContain(unsigned);

  const own = `Written in the second browser ${here.secret()}`;
  await second.says(own);
  await first.message(own).waitFor();
  await dispatcher.message(own).waitFor();
});

test("a wrong password is said beside its field, and nothing of what was typed is lost", async () => {
  const owner = await here.member("Rita Responder", "responder");
  const person = await here.browser.person(owner);
  await person.enterPassword({ userName: owner.userName, password: "not this one at all" });
  expect(await person.errorOf("Password")).toMatch(/Wrong user name or password/);
  expect(await person.field("User name").inputValue()).toBe(owner.userName);
  await person.field("Password").fill(owner.password);
  await person.press("Sign in");
  await person.heading("Unlock this device").waitFor();
});

here.scanAtTheEnd();
