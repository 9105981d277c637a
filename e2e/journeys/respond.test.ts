import { expect, test } from "vitest";
import { journey } from "../support/journey.ts";

const here = journey();

test("a dispatcher opens a request, a responder in another browser sees it appear decrypted, answers in its chat, sets On the way, and the dispatcher sees it; a third member who is not in the room can't see it at all", async () => {
  const [dispatcher, responder, outsider] = await Promise.all([
    here.atBrowser("Dora Dispatcher", "dispatcher"),
    here.atBrowser("Rio Responder", "responder"),
    here.atBrowser("Rita Responder", "responder"),
  ]);
  const title = `Somebody shouts in the park ${here.secret()}`;
  const more = `They wear a red coat ${here.secret()}`;
  const location = `North gate ${here.secret()}`;
  const callerName = `Caller ${here.secret()}`;
  const callerContact = `+00 ${here.secret()}`;

  // The responder has the list open and does nothing.
  await dispatcher.openRequest({
    description: `${title}\n${more}`,
    location,
    callerName,
    callerContact,
    priority: "Urgent",
    people: ["Rio Responder"],
  });
  await responder.row(title).waitFor();
  await responder.choosesRequest(title);
  for (const words of [more, location, callerName, callerContact, "Urgent"]) await responder.sees(words);

  const question = `Is anybody hurt? ${here.secret()}`;
  await responder.says(question);
  await dispatcher.message(question).waitFor();
  const answer = `Not that I know ${here.secret()}`;
  await dispatcher.says(answer);
  await responder.message(answer).waitFor();
  await responder.setStatus("On the way");
  await dispatcher.seesStatus("On the way");
  await dispatcher.message(/Rio Responder set the status to On the way/).waitFor();

  // The room's address in hand, and still nothing.
  await outsider.sees("No open requests");
  await outsider.goTo(`/requests/${new URL(dispatcher.page.url()).hash}`);
  await outsider.sees("You can’t see this request");
  expect(await outsider.reads()).not.toContain(title);
});

test("who is added later reads by a snapshot what the request says now; what was said before stays closed to them", async () => {
  const dispatcher = await here.atBrowser("Dana Dispatcher", "dispatcher");
  const late = await here.atBrowser("Remy Responder", "responder");
  const title = `A dog without its owner ${here.secret()}`;
  const edited = `Corner of the market ${here.secret()}`;
  await dispatcher.openRequest({ description: title, location: `Somewhere else ${here.secret()}` });
  const before = `Said before anybody else came ${here.secret()}`;
  await dispatcher.says(before);
  await dispatcher.press("Edit", dispatcher.request);
  await dispatcher.field("Location", dispatcher.dialog).fill(edited);
  await dispatcher.press("Save", dispatcher.dialog);
  await dispatcher.dialog.waitFor({ state: "hidden" });
  await dispatcher.addPeople("Remy Responder");

  await late.row(title).waitFor();
  await late.choosesRequest(title);
  await late.sees(edited);
  await late.sees(/As told by Dana Dispatcher/);
  expect(await late.reads()).not.toContain(before);
  await late.sees(/can’t be read here/);

  const after = `Said when you were there ${here.secret()}`;
  await dispatcher.says(after);
  await late.message(after).waitFor();
});

test("a request is closed with its outcome, found under Closed, and opened again with the status that it had", async () => {
  const dispatcher = await here.atBrowser("Dina Dispatcher", "dispatcher");
  const responder = await here.atBrowser("Rosa Responder", "responder");
  const title = `A lost key ${here.secret()}`;
  const outcome = `The neighbour had one ${here.secret()}`;
  await dispatcher.openRequest({ description: title, people: ["Rosa Responder"] });
  await responder.choosesRequest(title);
  await responder.setStatus("On site");
  await dispatcher.seesStatus("On site");

  await dispatcher.closeRequest(outcome);
  await responder.seesStatus("Closed");
  await responder.sees(outcome);
  await responder.page.getByRole("tab", { name: /^Closed/ }).click();
  await responder.row(title).waitFor();

  await dispatcher.press("Reopen", dispatcher.request);
  await dispatcher.seesStatus("On site");
  await responder.seesStatus("On site");
});

test("[P1] what is typed into the organisation's own data is told to the server", async () => {
  const somebody = await here.atBrowser("Ron Responder", "responder");
  await somebody.visit("Profile");
  await somebody.field("About").fill(`Speaks two languages ${here.control()}`);
  await somebody.press("Save profile");
  await somebody.sees("Saved");
});

here.scanAtTheEnd();
