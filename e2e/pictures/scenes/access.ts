import { must } from "../../support/world.ts";
import type { Stage } from "../stage.ts";

/** Access to older messages, from the line that says they are gone to the end of a grant. Makes blocks of seconds. */
export async function access({ world, atBrowser, picture }: Stage): Promise<void> {
  const { client } = world.adminMember;
  const boss = await atBrowser("Demo Giving Admin", "admin");
  const asker = await atBrowser("Demo Asker", "dispatcher");
  await asker.goTo("/access/");
  await picture(asker, "access 1 nothing yet");
  const title = "Example: a tree lies across the path";
  await asker.openRequest({ description: title, location: "Beside the playground" });
  const words = "Two people have moved the smaller branches away.";
  await asker.says(words);
  await asker.everythingIsSent();
  await boss.choosesRequest(title);
  await boss.message(words).waitFor();
  await must(client, "policy.set", { key_block: "PT2S", key_window: "PT6S" });
  await asker.message(words).waitFor({ state: "detached" });
  await asker.sees(/no longer kept on this device/);
  await picture(asker, "access 2 no longer kept");

  await asker.press("Ask for access");
  await asker.dialog.waitFor();
  await asker
    .field("In your words", asker.dialog)
    .fill("The city wants to know who moved the branches. I have to write the report by tomorrow.");
  await picture(asker, "access 3 ask");
  await asker.press("Ask", asker.dialog);
  await asker.dialog.waitFor({ state: "hidden" });
  await asker.sees("You asked for access. Nobody has answered yet.");
  await picture(asker, "access 4 waiting");
  await boss.sees(/asks for access to older messages/);
  await picture(boss, "access 5 somebody asks");
  await boss.page.getByRole("link", { name: "Look at it", exact: true }).click();
  await boss.sees(/signed by its owner/);
  await picture(boss, "access 6 look at it");
  await boss.press(/^Give…/);
  await boss.dialog.waitFor();
  await picture(boss, "access 7 give");
  await boss.press("Give access", boss.dialog);
  await asker.sees(/gave you access until/);
  await picture(asker, "access 8 given");
  await asker.press("Load older messages");
  await picture(asker, "access 9 shared messages");
  await asker.goTo("/access/");
  await asker.sees(/gave you access until/);
  await picture(asker, "access 10 own page, given");
  await boss.sees(/arrived/);
  await picture(boss, "access 11 arrived");
  await boss.press(/^End now/);
  await boss.dialog.waitFor();
  await picture(boss, "access 12 end now");
  await boss.press("End access", boss.dialog);
  await asker.sees("Your access has ended.");
  await picture(asker, "access 13 own page, ended");
  await boss.sees(/deleted again/);
  await picture(boss, "access 14 ended");
  await asker.press("Ask for access");
  await asker.dialog.waitFor();
  await picture(asker, "access 15 ask for recent ones");
  await asker.press("Ask", asker.dialog);
  await asker.dialog.waitFor({ state: "hidden" });
  await boss.press(/^Decline/);
  await boss.dialog.waitFor();
  await picture(boss, "access 16 decline");
  await boss.press("Decline", boss.dialog);
  await asker.sees(/said no/);
  await picture(asker, "access 17 declined");

  // A moment in which nobody wrote: a yes that brings nothing.
  await asker.press("Ask for access");
  await asker.page.getByRole("radio", { name: "Older ones" }).check({ force: true });
  for (const end of ["from", "until"]) await asker.press(`Now: ${end}`, asker.dialog);
  await asker.press("Ask", asker.dialog);
  await asker.dialog.waitFor({ state: "hidden" });
  await boss.press(/^Give…/);
  await boss.press("Give access", boss.dialog);
  await asker.sees(/had none of these keys/);
  await picture(asker, "access 18 nothing came");
  await boss.sees(/so nothing was given/);
  await picture(boss, "access 19 nothing to give");

  await must(client, "policy.set", { key_block: "P1D", key_window: "P14D", automatic_access: true });
  await boss.sees(/It would give messages of the last 14 days/);
  await picture(boss, "access 20 answering by itself, off");
  await boss.page.getByRole("checkbox", { name: /answers requests/ }).check({ force: true });
  await boss.sees(/it gives messages of the last 14 days/);
  await picture(boss, "access 21 answering by itself, on");
  await must(client, "policy.set", { key_window: "P30D" });
  await boss.sees(/The policy now says 30 days/);
  await picture(boss, "access 22 answering by itself, another policy");
  await must(client, "policy.set", { key_window: "P14D", automatic_access: false });
}
