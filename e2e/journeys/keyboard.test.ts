import { expect, test } from "vitest";
import { journey } from "../support/journey.ts";
import type { Person } from "../support/person.ts";

const here = journey();

/** What the page waits for from the server comes among the rest when it comes. */
const PATIENCE_MS = 60_000;

/** Presses Tab until the focus is on something of this name; rings of all there is, without it, fail. */
async function tabTo(person: Person, name: RegExp, backwards = false): Promise<void> {
  const seen: string[] = [];
  for (const end = Date.now() + PATIENCE_MS; seen.length < 120 || Date.now() < end;) {
    await person.page.keyboard.press(backwards ? "Shift+Tab" : "Tab");
    const focused = await nameOfFocus(person);
    if (name.test(focused)) return;
    seen.push(focused);
  }
  throw new Error(`Tab never came to ${String(name)}; it came last to ${seen.slice(-120).join(" | ")}`);
}

/** The accessible name of what has the focus, as the browser computes it. */
async function nameOfFocus(person: Person): Promise<string> {
  const focused = person.page.locator("*:focus");
  if ((await focused.count()) === 0) return "";
  // It may go between the two questions, with what had it.
  const tree = await focused
    .first()
    .ariaSnapshot({ timeout: 2_000 })
    .catch(() => "");
  return tree.split("\n", 1)[0] ?? "";
}

test("a request is opened, talked about and given a status with the keyboard alone", async () => {
  const dispatcher = await here.atBrowser("Dora Dispatcher", "dispatcher");
  const responder = await here.atBrowser("Rio Responder", "responder");
  const { keyboard } = dispatcher.page;
  const title = `A cat on the roof ${here.secret()}`;

  await tabTo(dispatcher, /link "New request"/);
  await keyboard.press("Enter");
  await dispatcher.page.getByRole("textbox", { name: /^What happened/ }).waitFor();
  // The form takes the focus by itself.
  await expect.poll(() => nameOfFocus(dispatcher)).toMatch(/textbox "What happened/);
  await keyboard.type(title);
  await tabTo(dispatcher, /Priority|radio/);
  await keyboard.press("ArrowUp");
  await tabTo(dispatcher, /checkbox "Rio Responder/);
  await keyboard.press("Space");
  await tabTo(dispatcher, /button "Open request"/);
  await keyboard.press("Enter");
  await dispatcher.seesRequest(title);

  await tabTo(dispatcher, /textbox "Message"/);
  const words = `Bring a ladder ${here.secret()}`;
  await keyboard.type(words);
  await keyboard.press("Enter");
  await dispatcher.message(words).waitFor();
  await tabTo(dispatcher, /button "On the way"/, true);
  await keyboard.press("Space");
  await dispatcher.seesStatus("On the way");

  // And the one who answers, from the list.
  await responder.row(title).waitFor();
  await tabTo(responder, new RegExp(`link .*${title.slice(0, 15)}`));
  await responder.page.keyboard.press("Enter");
  await responder.message(words).waitFor();
  await tabTo(responder, /textbox "Message"/);
  const reply = `I have one ${here.secret()}`;
  await responder.page.keyboard.type(reply);
  await responder.page.keyboard.press("Enter");
  await dispatcher.message(reply).waitFor();
});

test("a dialog takes the focus, keeps it, and gives it back when Escape shuts it", async () => {
  const dispatcher = await here.atBrowser("Dina Dispatcher", "dispatcher");
  await dispatcher.openRequest({ description: `A noise ${here.secret()}` });
  await tabTo(dispatcher, /button "Add people"/);
  await dispatcher.page.keyboard.press("Enter");
  await dispatcher.dialog.waitFor();
  for (let i = 0; i < 12; i++) {
    await dispatcher.page.keyboard.press("Tab");
    await expect.poll(() => dispatcher.dialog.locator("*:focus").count()).toBe(1);
  }
  await dispatcher.page.keyboard.press("Escape");
  await dispatcher.dialog.waitFor({ state: "hidden" });
  await expect.poll(() => nameOfFocus(dispatcher)).toMatch(/button "Add people"/);
});

here.scanAtTheEnd();
