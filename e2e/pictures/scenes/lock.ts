import type { Stage } from "../stage.ts";
import { pretendFingerReader } from "../../support/fingerReader.ts";

const PASSPHRASE = "violet anchor marmalade seven";

/** The app lock from the first look at it to five wrong tries. */
export async function lock({ atBrowser, picture }: Stage): Promise<void> {
  const person = await atBrowser("Demo Locked", "responder");
  await pretendFingerReader(person.page);
  await person.visit("Settings");
  await picture(person, "settings");
  await person.page.getByRole("link", { name: "App lock" }).click();
  await person.heading("Turn on").waitFor();
  await picture(person, "lock 1 off");
  await person.field("New passphrase").fill("hearth");
  await person.press("Turn on");
  await picture(person, "lock 2 too weak");
  await person.field("New passphrase").fill(PASSPHRASE);
  await person.field("New passphrase, once more").fill(PASSPHRASE);
  await person.press("Turn on");
  await person.heading("It is on").waitFor();
  await picture(person, "lock 3 on");
  await person.field("Passphrase of the lock").fill(PASSPHRASE);
  await person.press("Add a passkey");
  await person.sees("A passkey opens the lock as well");
  await picture(person, "lock 4 with a passkey");
  await person.press("Lock now");
  await person.heading("Hearth is locked").waitFor();
  await picture(person, "lock 5 locked");
  for (let i = 0; i < 5; i++) {
    await person.field("Passphrase").fill(`not this one ${i}`);
    await person.press("Unlock");
    if (i < 4) await person.field("Passphrase").and(person.page.locator("[aria-invalid=true]")).waitFor();
    if (i === 0) await picture(person, "lock 6 wrong");
  }
  await person.sees(/wrong 5 times/);
  await picture(person, "lock 7 wait");
  await person.press("Sign out of this device instead");
  await person.dialog.waitFor();
  await picture(person, "lock 8 leave");
}
