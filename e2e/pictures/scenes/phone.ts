import { PHONE, PHONE_WITH_KEYBOARD } from "../../support/browser.ts";
import type { Stage } from "../stage.ts";

const TITLE = "Someone is shouting outside the laundromat";

/** A night's work on a phone: the list, a new request, the request as it is met, and its chat with the keyboard up. */
export async function phone({ browser, member, asSeen }: Stage): Promise<void> {
  const dispatcher = await browser.person(await member("Demo Phone Dispatcher", "dispatcher"), {
    phone: true,
  });
  const responder = await browser.person(await member("Demo Phone Responder", "responder"), { phone: true });
  await Promise.all([dispatcher.signIn(), responder.signIn()]);
  await dispatcher.page.getByRole("link", { name: "New request" }).click();
  await dispatcher.heading("New request").waitFor();
  await asSeen(dispatcher, "phone 1 new request", PHONE);
  await dispatcher.openRequest({
    description: `${TITLE}\nNobody is hurt as far as the caller can see. They would talk to us, not to the police. The neighbours are worried and stand at their windows.`,
    location: "Corner of Fifth Street and Oak Avenue",
    callerName: "Example caller",
    callerContact: "00 555 0100",
    priority: "Urgent",
    people: ["Demo Phone Responder"],
  });
  await responder.row(TITLE).waitFor();
  await asSeen(responder, "phone 2 list", PHONE);
  await responder.choosesRequest(TITLE);
  await asSeen(responder, "phone 3 request", PHONE);
  await responder.press("Map of the location");
  await responder.dialog.waitFor();
  await asSeen(responder, "phone 4 map", PHONE);
  await responder.press("Cancel", responder.dialog);
  await responder.setStatus("On the way");
  await responder.says("I am four blocks away and can go. Is anyone with them?");
  await dispatcher.says("A neighbour keeps at a distance. She waits for you at the bus stop.");
  await responder.message(/bus stop/).waitFor();
  await asSeen(responder, "phone 5 chat", PHONE);
  await asSeen(responder, "phone 6 chat with keyboard", PHONE_WITH_KEYBOARD);
  await responder.composer.fill(
    "I can see them.\nTwo people.\nOne sits on the kerb.\nThe other shouts.\nI go closer now.\nStay on the line.",
  );
  await asSeen(responder, "phone 7 long draft", PHONE_WITH_KEYBOARD);
  await responder.page.setViewportSize(PHONE);
  await responder.page.getByRole("log").evaluate((box) => box.scrollTo(0, 0));
  await responder.page.getByRole("tab", { name: "Details" }).click();
  await asSeen(responder, "phone 8 details", PHONE);
  await asSeen(responder, "desk request", { width: 1280, height: 800 });
}
