import { expect, test } from "vitest";
import { PHONE, PHONE_WITH_KEYBOARD } from "../support/browser.ts";
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

  // Both change the same field: who comes second sees both, and chooses.
  const [theirs, mine] = [`Behind the market ${here.secret()}`, `Under the bridge ${here.secret()}`];
  await late.press("Edit", late.request);
  await late.field("Location", late.dialog).fill(mine);
  await dispatcher.press("Edit", dispatcher.request);
  await dispatcher.field("Location", dispatcher.dialog).fill(theirs);
  await dispatcher.press("Save", dispatcher.dialog);
  const conflict = late.dialog.getByText(/Somebody changed the location while you were typing/);
  await conflict.waitFor();
  await late.dialog.getByText(theirs).waitFor();
  await late.press("Save", late.dialog);
  await late.dialog.getByText(/Nothing is saved yet/).waitFor();
  await late.press("Keep mine", late.dialog);
  await conflict.waitFor({ state: "hidden" });
  await late.press("Save", late.dialog);
  await dispatcher.page
    .getByRole("log")
    .getByText(new RegExp(`Location: ${theirs} → ${mine}`))
    .first()
    .waitFor();
});

test("two people at two phones play a request from call to close, and scroll nowhere to find what matters; it is opened again with the status that it had", async () => {
  const dispatcherAccount = await here.member("Dina Dispatcher", "dispatcher");
  const dispatcher = await (await here.browser.person(dispatcherAccount, { phone: true })).signIn();
  const responder = await here.atPhone("Rosa Responder", "responder");
  const title = `A lost key ${here.secret()}`;
  const location = `By the fountain ${here.secret()}`;
  const outcome = `The neighbour had one ${here.secret()}`;
  const call = { callerName: `Caller ${here.secret()}`, callerContact: "after six, +00 555 0100" };
  await dispatcher.openRequest({ description: title, location, ...call, people: ["Rosa Responder"] });
  await dispatcher.request.getByRole("link", { name: "Back to the list" }).waitFor();

  // Where, who called, who goes: all of it stands there, and one line for all who came.
  await responder.choosesRequest(title);
  const { page, request } = responder;
  const send = page.getByRole("button", { name: "Send" });
  const newest = responder.message(/\S/).last();
  const callBack = request.getByRole("link", { name: "Call +005550100" });
  const comings = page.getByRole("button", { name: /^\d+ added, \d+ joined$/ });
  await responder.hasInView(
    request.getByText(location),
    request.getByText(call.callerName),
    callBack,
    request.getByText("Nobody has said they are going"),
    ...["On the way", "On site", "Finished"].map((status) => responder.statusButton(status)),
    comings,
    newest,
    responder.composer,
    send,
  );
  expect(await callBack.getAttribute("href")).toBe("tel:+005550100");
  expect(
    await page
      .getByRole("log")
      .getByText(/invited|joined/)
      .count(),
    "lines of comings",
  ).toBe(1);
  await comings.click();
  await responder.sees("Dina Dispatcher invited Rosa Responder");
  await comings.click();
  // The map's maker learns where only from who has been told so.
  await responder.press("Map of the location");
  await responder.sees(/tells another company where/);
  const map = responder.dialog.getByRole("link", { name: "OpenStreetMap" });
  const query = encodeURIComponent(location);
  expect(await map.getAttribute("href")).toBe(`https://www.openstreetmap.org/search?query=${query}`);
  await responder.press("Cancel", responder.dialog);
  await responder.setStatus("On the way");
  await dispatcher.hasInView(dispatcher.request.getByText("Rosa Responder on the way", { exact: true }));

  // The keyboard comes up; somebody's unsigned device asks for a notice; a long draft grows.
  await responder.composer.click();
  await page.setViewportSize(PHONE_WITH_KEYBOARD);
  const stranger = await here.browser.person(dispatcherAccount);
  await stranger.enterPassword();
  const notice = page.getByRole("button", { name: /Dina Dispatcher has a new device that isn’t signed/ });
  await notice.waitFor();
  const draft = Array.from({ length: 20 }, () => here.secret()).join("\n");
  await responder.composer.fill(draft);
  await responder.hasInView(
    page.getByRole("button", { name: new RegExp(`^${location}`) }),
    notice,
    responder.composer,
    send,
  );
  const said = `Mind the dog ${here.secret()}`;
  await dispatcher.says(said);
  await responder.message(said).waitFor();
  await responder.hasInView(responder.message(said), responder.composer, send);
  await responder.composer.blur();
  await responder.hasInView(responder.composer, send);
  await responder.composer.focus();
  await page.setViewportSize(PHONE);
  await responder.hasInView(responder.message(said), send);
  await page.setViewportSize(PHONE_WITH_KEYBOARD);
  await responder.hasInView(responder.message(said), send);
  await send.click();
  await responder.everythingIsSent();

  // Further up, one is told of what comes, and only what was in view counts as read.
  const log = page.getByRole("log", { name: "Messages" });
  const scrollUp = () => log.evaluate((box) => box.scrollTo(0, 0));
  await scrollUp();
  const newMessages = page.getByRole("button", { name: "3 new messages" });
  const words = [1, 2, 3].map((i) => `Word ${i} ${here.secret()}`);
  for (const word of words) await dispatcher.says(word);
  await responder.hasInView(newMessages);
  await page.setViewportSize(PHONE);
  await scrollUp();
  const back = request.getByRole("link", { name: "Back to the list" });
  await back.click();
  await responder.row(title).getByText("3 new").waitFor();
  await responder.choosesRequest(title);
  await responder.hasInView(responder.message(words[0] ?? ""));
  await log.evaluate((box) => box.scrollTo(0, box.scrollHeight));
  await responder.hasInView(responder.message(words[2] ?? ""));
  await back.click();
  await responder.row(title).waitFor();
  await responder
    .row(title)
    .getByText(/\d+ new/)
    .waitFor({ state: "hidden" });
  await responder.choosesRequest(title);

  // A window over the chat says what is being said behind it.
  await dispatcher.page.getByRole("tab", { name: "Details" }).click();
  await dispatcher.press("Edit", dispatcher.request);
  await dispatcher.dialog.waitFor();
  const warning = `Keep away from the door ${here.secret()}`;
  await responder.says(warning);
  await dispatcher.hasInView(dispatcher.dialog.getByText(warning));
  await dispatcher.press("Discard", dispatcher.dialog);
  await dispatcher.page.getByRole("tab", { name: "Chat" }).click();
  await dispatcher.hasInView(dispatcher.message(warning));

  await responder.setStatus("On site");
  await dispatcher.seesStatus("On site");
  await dispatcher.closeRequest(outcome);
  const toast = dispatcher.page.getByText("The request is closed.");
  const [above, below] = [await toast.boundingBox(), await dispatcher.message(/\S/).last().boundingBox()];
  expect((above?.y ?? 0) + (above?.height ?? 0), "a toast ends above the newest line").toBeLessThan(
    below?.y ?? 0,
  );
  await responder.seesStatus("Closed");
  await responder.sees(outcome);
  await back.click();
  await responder.page.getByRole("tab", { name: /^Closed/ }).click();
  await responder.choosesRequest(title);

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
