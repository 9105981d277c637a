import { expect, test } from "vitest";
import { journey } from "../support/journey.ts";
import { Rogue } from "../support/rogue.ts";
import { confirm, roomOf } from "../support/world.ts";

const here = journey();

test("[P8] a member whose cross-signing was replaced gets no key while the others talk on, until somebody has looked at it", async () => {
  const { world } = here;
  const dispatcher = await here.atBrowser("Dora Dispatcher", "dispatcher");
  const responder = await here.atBrowser("Rio Responder", "responder");
  const victim = await world.member("Rita Responder", ["responder"]);
  const title = `A fire alarm ${here.secret()}`;
  await dispatcher.openRequest({ description: title, people: ["Rio Responder", "Rita Responder"] });
  await responder.choosesRequest(title);
  const roomId = await roomOf(victim.client, title);

  // All three talk, so that everybody has seen who the victim is.
  await using before = await Rogue.signIn(world.instance.homeserverUrl, victim);
  await before.signDevice();
  await before.join(roomId);
  const hello = `All here ${here.secret()}`;
  await dispatcher.says(hello);
  await responder.message(hello).waitFor();
  const helloToo = `And I ${here.secret()}`;
  await responder.says(helloToo);
  await dispatcher.message(helloToo).waitFor();
  await before.reads(roomId, helloToo);

  const earlier = new Set((await before.encrypted(roomId)).map(({ id }) => id));

  // Somebody with the account's password makes it a new identity.
  await using taker = await Rogue.signIn(world.instance.homeserverUrl, victim);
  await taker.replaceIdentity();
  for (const person of [dispatcher, responder]) {
    await person.press(/Rita Responder gets no messages/);
    await person.sees(/encryption was reset/);
  }

  const secretTalk = `Not for whoever that is ${here.secret()}`;
  await dispatcher.says(secretTalk);
  await responder.message(secretTalk).waitFor();
  const reply = `Heard you ${here.secret()}`;
  await responder.says(reply);
  await dispatcher.message(reply).waitFor();
  const closed = (await taker.encrypted(roomId)).filter(({ id }) => !earlier.has(id));
  expect(closed.length).toBeGreaterThan(1);
  expect(closed.filter((event) => event.readable)).toEqual([]);

  for (const person of [dispatcher, responder]) {
    await person.page.getByRole("link", { name: "Look at it on the Team page" }).click();
    await person.sees(/Rita Responder’s keys are not those that an admin confirmed/);
  }
  // An admin has called them and compared codes: the roster names the new keys, for everybody.
  await confirm((await here.admin()).client, victim.userId);
  for (const person of [dispatcher, responder]) await person.seesNot(/not those that an admin confirmed/);
  await dispatcher.visit("Requests");
  await dispatcher.choosesRequest(title);
  const welcome = `Welcome back ${here.secret()}`;
  await dispatcher.says(welcome);
  await dispatcher.everythingIsSent();
  await taker.reads(roomId, welcome);
  // What was said meanwhile stays closed: its keys were never sent, not just late.
  const now = await taker.encrypted(roomId);
  expect(now.filter(({ id, readable }) => readable && closed.some((event) => event.id === id))).toEqual([]);
});

here.scanAtTheEnd();
