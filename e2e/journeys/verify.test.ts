import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { LOOKS, problems, setLook } from "../support/axe.ts";
import { TestBrowser } from "../support/browser.ts";
import { cameraPicture } from "../support/camera.ts";
import { journey } from "../support/journey.ts";
import type { Person } from "../support/person.ts";

const here = journey();

const verified = (person: Person, name: string) =>
  person.page
    .getByRole("list", { name: "Members" })
    .getByRole("listitem")
    .filter({ hasText: name })
    .getByText("Verified by you");

async function emojiOf(person: Person): Promise<string[]> {
  const list = person.dialog.getByRole("list", { name: "Emoji to compare" });
  await list.waitFor();
  return list.getByRole("listitem").allInnerTexts();
}

async function agree(one: Person, other: Person): Promise<void> {
  await one.press("Compare emoji", one.dialog);
  expect(await emojiOf(other)).toEqual(await emojiOf(one));
  for (const person of [one, other]) await person.press("They are the same", person.dialog);
}

test("[P8] two people verify each other by emoji, after one said “Not now” and one changed their mind", async () => {
  const vera = await here.atBrowser("Dina Dispatcher", "dispatcher");
  const walt = await here.atBrowser("Rio Responder", "responder");
  const found: string[] = [];
  const look = async (person: Person, what: string) => {
    found.push(...(await problems(person, what)));
    await setLook(person.page, LOOKS[0]);
  };
  await vera.visit("Team");

  await vera.press("Verify Rio Responder");
  await vera.sees("Waiting for Rio Responder");
  await look(vera, "asking");
  await walt.sees("Dina Dispatcher wants to verify with you");
  await look(walt, "asked");
  await walt.press("Not now");
  await vera.sees("Rio Responder said “Not now”");
  await look(vera, "declined");

  await vera.press("Start again", vera.dialog);
  await walt.press("Verify");
  await vera.heading("Verify Rio Responder").waitFor();
  await vera.page.getByRole("img", { name: /^Code for Rio Responder to scan/ }).waitFor();
  await look(vera, "choose");
  await vera.page.keyboard.press("Escape");
  await walt.sees("Dina Dispatcher cancelled");
  await walt.press("OK", walt.dialog);
  await vera.dialog.waitFor({ state: "hidden" });

  await vera.press("Verify Rio Responder");
  await walt.press("Verify");
  await vera.press("Compare emoji", vera.dialog);
  expect(await emojiOf(vera)).toHaveLength(7);
  await look(vera, "emoji");
  expect(await emojiOf(walt)).toEqual(await emojiOf(vera));
  await vera.press("They are the same", vera.dialog);
  await vera.sees("Waiting for Rio Responder to say the same");
  await walt.press("They are the same", walt.dialog);
  await vera.sees("You have verified Rio Responder");
  await walt.sees("You have verified Dina Dispatcher");
  await look(walt, "done");
  for (const person of [vera, walt]) await person.press("Done", person.dialog);
  await verified(vera, "Rio Responder").waitFor();
  await walt.visit("Team");
  await verified(walt, "Dina Dispatcher").waitFor();
  expect(found).toEqual([]);
});

test("[P8] a new browser is signed by the other one instead of the recovery key, and then reads new messages", async () => {
  const owner = await here.member("Rita Responder", "responder");
  const dispatcher = await here.atBrowser("Dora Dispatcher", "dispatcher");
  const first = await (await here.browser.person(owner)).signIn();
  const title = `A broken lift ${here.secret()}`;
  await dispatcher.openRequest({ description: title, people: ["Rita Responder"] });
  await first.choosesRequest(title);

  const second = await here.browser.person(owner);
  await second.enterPassword();
  await second.press("Use another device instead");
  await first.sees("asks to be verified as yours");
  await first.press("Yes, it is mine");
  await agree(second, first);
  await second.seesList();
  await first.sees("Both devices know each other now");
  await first.press("Done", first.dialog);
  await second.press("Done", second.dialog);

  await second.page.getByRole("list", { name: "Requests" }).getByRole("link").click();
  const news = `For both browsers ${here.secret()}`;
  await dispatcher.says(news);
  await second.message(news).waitFor();
  await first.message(news).waitFor();
});

test("[P8] two people verify each other by a camera that sees the other’s screen", async () => {
  const folder = await mkdtemp(join(tmpdir(), "hearth-camera-"));
  const file = join(folder, "camera.y4m");
  await writeFile(file, cameraPicture("", 1));
  try {
    const { webUrl } = here.world.instance;
    const phone = await here.withBrowser(TestBrowser.openWithCamera(webUrl, file));
    const cora = await (await phone.person(await here.member("Remy Responder", "responder"))).signIn();
    const simon = await here.atBrowser("Dana Dispatcher", "dispatcher");
    await cora.visit("Team");
    await cora.press("Verify Dana Dispatcher");
    await simon.press("Verify");
    const code = simon.page.getByRole("img", { name: /^Code for Remy Responder to scan/ });
    const size = Number((await code.getAttribute("viewBox"))?.split(" ")[2]);
    await writeFile(file, cameraPicture((await code.locator("path").getAttribute("d")) ?? "", size));
    await cora.press("Scan their code", cora.dialog);
    await cora.sees("That was the right code");
    await simon.press("Yes, it worked", simon.dialog);
    await cora.sees("You have verified Dana Dispatcher");
    await simon.sees("You have verified Remy Responder");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

here.scanAtTheEnd();
