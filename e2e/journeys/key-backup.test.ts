import { expect, test } from "vitest";
import { journey } from "../support/journey.ts";
import { backupOf } from "../support/keyBackups.ts";
import { until } from "../support/server.ts";
import { must } from "../support/world.ts";

const here = journey();

test("[P6] with the recovery key alone, an admin reads in a second browser what was said before, and sees it coming", async () => {
  const { world, browser } = here;
  const owner = await here.member("Ann Admin", "admin");
  const first = await (await browser.person(owner)).signIn();
  const title = `A door that was broken ${here.secret()}`;
  const said = `The neighbour has a key ${here.secret()}`;
  await first.openRequest({ description: title });
  await first.says(said);
  await first.everythingIsSent();
  const keys = async () => (await backupOf(world.instance, owner))?.count ?? 0;
  await until("the server has the keys, encrypted", async () => (await keys()) > 0);
  await first.leave();

  const second = await browser.person(owner);
  // Slow enough to be looked at, and to work beside it.
  const { promise: looked, resolve: go } = Promise.withResolvers<void>();
  await second.page.context().route("**/room_keys/keys/**", async (route) => {
    await looked;
    await route.continue();
  });
  await second.signIn();
  await second.sees(/Bringing back older messages: 0 of \d+ keys/);
  await second.visit("Team");
  await second.heading("Team").waitFor();
  go();
  await second.seesNot(/Bringing back older messages/);
  await second.visit("Requests");
  await second.choosesRequest(title);
  await second.message(said).waitFor();
});

test("[P6] who gains the role is asked for the recovery key, and told where a slip in it is", async () => {
  const { world, browser } = here;
  const member = await here.member("Rio Responder", "responder");
  const person = await (await browser.person(member)).signIn();
  await person.sees("This device is new");
  await person.press("Got it");
  await person.seesNot("This device is new");

  await must((await here.admin()).client, "role.grant", { userId: member.userId, role: "exporter" });
  await person.press("Enter recovery key");
  const { recoveryKey } = member;
  const wrong = recoveryKey[6] === "7" ? "8" : "7";
  await person
    .field("Recovery key", person.dialog)
    .fill(`${recoveryKey.slice(0, 6)}${wrong}${recoveryKey.slice(7)}`);
  await person.press("Turn on", person.dialog);
  expect(await person.errorOf("Recovery key")).toMatch(/slip is in group 2/);
  await person.field("Recovery key", person.dialog).fill(recoveryKey);
  await person.press("Turn on", person.dialog);
  await person.dialog.waitFor({ state: "hidden" });
  await person.sees("Your key backup is on.");
  expect(await backupOf(world.instance, member)).toBeDefined();

  await must((await here.admin()).client, "role.revoke", { userId: member.userId, role: "exporter" });
  await person.visit("Settings");
  await person.page
    .getByRole("link", { name: /devices/i })
    .first()
    .click();
  await person.sees("only admins and people who may export data do");
  await until("the backup is gone", async () => (await backupOf(world.instance, member)) === undefined);
});

here.scanAtTheEnd();
