import { expect, test } from "vitest";
import { journey } from "../support/journey.ts";
import { membershipsIn, until } from "../support/server.ts";
import { roomOf } from "../support/world.ts";

const here = journey();

test("[P10] with the bots stopped, staff still open a request and talk, and the bots adopt it when they return", async () => {
  const { world } = here;
  const admin = await here.admin();
  const { instance } = world;
  const dispatcher = await here.atBrowser("Dora Dispatcher", "dispatcher");
  const responder = await here.atBrowser("Rio Responder", "responder");
  await instance.stopBots();

  const title = `Somebody sits on the bridge ${here.secret()}`;
  await dispatcher.openRequest({ description: title, people: ["Rio Responder"] });
  await responder.choosesRequest(title);
  const question = `Which side? ${here.secret()}`;
  await responder.says(question);
  await dispatcher.message(question).waitFor();
  const answer = `The eastern one ${here.secret()}`;
  await dispatcher.says(answer);
  await responder.message(answer).waitFor();
  await responder.setStatus("On the way");
  await dispatcher.seesStatus("On the way");
  const roomId = await roomOf(admin.client, title);
  expect((await membershipsIn(instance, roomId))[instance.botUserId]).toBe("invite");

  // Somebody signs in while they are away, too.
  const second = await (await here.browser.person(dispatcher.account)).signIn();
  await second.seesList();

  await instance.startBots();
  await until("the bot is in the room", async () => {
    const memberships = await membershipsIn(instance, roomId);
    return memberships[instance.botUserId] === "join" && memberships[admin.userId] === "join";
  });
  const more = `We go on ${here.secret()}`;
  await dispatcher.says(more);
  await responder.message(more).waitFor();
});

here.scanAtTheEnd();
