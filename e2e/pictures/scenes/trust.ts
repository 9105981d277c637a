import { Rogue } from "../../support/rogue.ts";
import type { Stage } from "../stage.ts";

/** Devices that come and who they belong to: verification of a person and of a device, and what is said of an unsigned one. */
export async function trust({ world, browser, member, atBrowser, picture }: Stage): Promise<void> {
  const vera = await atBrowser("Demo Verifier", "dispatcher");
  const account = await member("Demo Walker", "responder");
  const walt = await (await browser.person(account)).signIn();
  await vera.visit("Team");
  await vera.press("Verify Demo Walker");
  await vera.sees("Waiting for Demo Walker");
  await picture(vera, "verify 1 asking");
  await walt.sees(/wants to verify with you/);
  await picture(walt, "verify 2 asked");
  await walt.press("Not now");
  await vera.sees(/said “Not now”/);
  await picture(vera, "verify 3 not now");
  await vera.press("Start again", vera.dialog);
  await walt.press("Verify");
  await vera.page.getByRole("img", { name: /^Code for/ }).waitFor();
  await picture(vera, "verify 4 choose");
  await vera.press("Compare emoji", vera.dialog);
  for (const person of [vera, walt])
    await person.dialog.getByRole("list", { name: "Emoji to compare" }).waitFor();
  await picture(vera, "verify 5 emoji");
  await vera.press("They are the same", vera.dialog);
  await vera.sees(/to say the same/);
  await picture(vera, "verify 6 waiting");
  await walt.press("They are the same", walt.dialog);
  await vera.sees("You have verified Demo Walker");
  await picture(vera, "verify 7 done");
  for (const person of [vera, walt]) await person.press("Done", person.dialog);
  await picture(vera, "team of a dispatcher");

  const title = "Example: a lift is stuck between two floors";
  await vera.openRequest({ description: title, people: ["Demo Walker"] });
  await walt.choosesRequest(title);
  await walt.says("On my way.");

  const second = await browser.person(account);
  await second.enterPassword();
  await second.heading("Unlock this device").waitFor();
  await picture(second, "own device 1 unlock");
  await second.press("Use another device instead");
  await second.dialog.waitFor();
  await picture(second, "own device 2 asking");
  await walt.sees("asks to be verified as yours");
  await picture(walt, "own device 3 asked");
  await walt.press("Yes, it is mine");
  await second.dialog.getByRole("button", { name: "Compare emoji" }).waitFor();
  await picture(second, "own device 4 choose");
  await second.press("Compare emoji", second.dialog);
  await picture(walt, "own device 5 emoji");
  for (const person of [second, walt]) await person.press("They are the same", person.dialog);
  await walt.sees("Both devices know each other now");
  await picture(walt, "own device 6 done");
  await walt.press("Done", walt.dialog);
  await second.press("Done", second.dialog);
  await second.row(title).click();
  await second.sees(/can’t be read/);
  await picture(second, "access 0 a new device in a conversation");

  await using _ = await Rogue.signIn(world.instance.homeserverUrl, account);
  await vera.press(/has a new device that isn’t signed/);
  await vera.sees(/It is not signed: it gets no keys/);
  await picture(vera, "devices 1 notice in a conversation");
  await walt.press(/has a new device that isn’t signed/);
  await walt.sees(/You have signed in on/);
  await picture(walt, "devices 2 own notice");
  await walt.goTo("/devices/");
  await walt.sees("Not signed");
  await picture(walt, "devices 3 page");
  await walt.press(/^Sign out Hearth/);
  await picture(walt, "devices 4 sign out");
}
