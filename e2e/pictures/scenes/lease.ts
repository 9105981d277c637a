import { CutProxy, PASS } from "../../support/cutProxy.ts";
import { TestBrowser } from "../../support/browser.ts";
import { must } from "../../support/world.ts";
import type { Stage } from "../stage.ts";

/** Doors that stay shut without a network: the server's half of a key, a lease that has run out. And a dead token. */
export async function lease({ world, member, picture }: Stage): Promise<void> {
  const { client } = world.adminMember;
  const account = await member("Demo Away", "responder");
  await using network = await CutProxy.open(world.instance.webUrl);
  await using browser = await TestBrowser.open(network.origin);
  const person = await (await browser.person(account)).signIn();
  const cut = () => {
    network.decide = ({ path }) =>
      path.startsWith("/_matrix") || path === "/clear-site-data" ? { kind: "cut" } : PASS;
  };

  await must(client, "policy.set", { online_unlock: "on" });
  await person.goTo("/lock/");
  await person.sees(/starts here only with a network/);
  await picture(person, "door 1 the setting");
  cut();
  await person.page.reload();
  await person.sees(/the server can’t be reached/);
  await picture(person, "door 2 no network");
  await person.press("Sign out of this device instead");
  await person.dialog.waitFor();
  await picture(person, "door 3 leave");
  await person.press("Cancel", person.dialog);
  network.decide = () => PASS;
  await person.heading("App lock").waitFor();
  await must(client, "policy.set", { online_unlock: "off" });
  await person.seesNot(/starts here only with a network/);

  await must(client, "policy.set", { lease: "PT10S" });
  await person.visit("Requests");
  cut();
  await must(client, "policy.set", { lease: "PT72H" });
  await person.sees(/destroyed its keys before showing anything/);
  await picture(person, "lease over");
}
