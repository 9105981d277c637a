import { typeInAdminRoom } from "../../support/typist.ts";
import { must } from "../../support/world.ts";
import type { Stage } from "../stage.ts";

/** A lost phone: asked for in the admin room, wiped on the Team page, answered by one device and not by the other. */
export async function wipe({ world, browser, member, atBrowser, picture }: Stage): Promise<void> {
  const admin = world.adminMember;
  const boss = await atBrowser("Demo Wiping Admin", "admin");
  const lost = await member("Demo Lost Phone", "responder");
  await (await (await browser.person(lost)).signIn()).leave();
  const online = await (await browser.person(lost)).signIn();
  const other = await member("Demo Signed Out", "responder");
  const kept = await (await browser.person(other)).signIn();

  await boss.visit("Team");
  await typeInAdminRoom(world, admin, `!hearth wipe @${lost.userName}`);
  await boss.sees(/asked in the admin room to wipe/);
  await picture(boss, "wipe 1 asked for in the admin room");
  await boss.press(/^Look/);
  await boss.dialog.getByRole("button", { name: /^Wipe 2/ }).waitFor();
  await picture(boss, "wipe 2 dialog");
  await boss.press(/^Wipe 2/, boss.dialog);
  await online.sees(/An admin of your team had the keys on this device destroyed/);
  await picture(online, "wipe 3 keys only, the wiped page");
  await must(admin.client, "wipe.start", { userId: other.userId, mode: "sign_out" });
  await kept.sees(/An admin of your team had this device signed out/);
  await picture(kept, "wipe 4 signed out, the wiped page");
  await boss.sees(/^Not answered/);
  await picture(boss, "wipe 5 answered and not");
  await boss.press("Wipe devices of Demo Signed Out");
  await boss.sees(/knows no other device of theirs/);
  await picture(boss, "wipe 6 no device left");
  await boss.page.keyboard.press("Escape");
  await boss.visit("Settings");
  await boss.heading("Devices of the organisation").waitFor();
  await picture(boss, "settings of an admin");
}
