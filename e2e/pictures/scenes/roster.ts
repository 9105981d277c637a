import { CutProxy, PASS } from "../../support/cutProxy.ts";
import { TestBrowser } from "../../support/browser.ts";
import { Rogue } from "../../support/rogue.ts";
import { must } from "../../support/world.ts";
import { typeInAdminRoom } from "../../support/typist.ts";
import type { Stage } from "../stage.ts";

/** Who is on the signed list: a role that was typed, keys that changed, and a device that does not know which list to believe. */
export async function roster({ world, member, atBrowser, picture }: Stage): Promise<void> {
  const boss = await atBrowser("Demo Roster Admin", "admin");
  const account = await member("Demo Lone Device", "responder");
  const replaced = await member("Demo Started Over", "responder");
  await using taker = await Rogue.signIn(world.instance.homeserverUrl, replaced);
  await taker.replaceIdentity();
  await must(world.adminMember.client, "duty.set", { onDuty: true });
  await boss.visit("Team");
  await boss.sees(/has other keys than an admin confirmed/);
  await typeInAdminRoom(world, world.adminMember, `!hearth role grant @${account.userName} admin`);
  await boss.sees(/Not signed yet/);
  await picture(boss, "team 1 of an admin");
  await boss.press(/^Look at it/);
  await boss.dialog.waitFor();
  await picture(boss, "team 2 sign a role");
  await boss.press("Cancel", boss.dialog);
  await boss.press("Confirm Demo Started Over");
  await boss.dialog.waitFor();
  await picture(boss, "team 3 compare codes");
  await boss.press("Cancel", boss.dialog);

  // The server holds back what this device should believe.
  await using network = await CutProxy.open(world.instance.webUrl);
  network.decide = ({ method, path }) =>
    method === "GET" && path.endsWith("/account_data/org.hearth.roster_key")
      ? { kind: "answer", status: 404, body: { errcode: "M_NOT_FOUND" } }
      : PASS;
  await using held = await TestBrowser.open(network.origin);
  const alone = await (await held.person(account)).signIn();
  await alone.sees(/which list/);
  await picture(alone, "team 4 which list, on every page");
  await alone.visit("Team");
  await alone.press("Compare with an admin");
  await alone.dialog.waitFor();
  await picture(alone, "team 5 which list, compare");
}
