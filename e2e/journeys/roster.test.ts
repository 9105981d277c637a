import { expect, test } from "vitest";
import { journey } from "../support/journey.ts";
import { typeInAdminRoom } from "../support/typist.ts";
import { until } from "../support/server.ts";

const here = journey();

test("[P8] a role that was typed waits for an admin to sign it, who is told what they sign", async () => {
  const { world } = here;
  const ada = await here.atBrowser("Ada Second", "admin");
  const rio = await here.member("Rio Typed", "responder");
  const answer = await typeInAdminRoom(world, await here.admin(), "!hearth role grant @rio-typed admin");
  expect(answer).toContain("signed it");
  await ada.sees(/waits for an admin’s signature/);
  await ada.page.getByRole("link", { name: "Look at it on the Team page" }).click();
  await ada.sees(/Not signed yet: Rio Typed is an admin/);
  await ada.press(/^Look at it.*Rio Typed/);
  await ada.press("Sign it", ada.dialog);
  await ada.seesNot(/Not signed yet/);
  const row = () =>
    world.adminMember.client.view("team")?.members.find(({ userId }) => userId === rio.userId);
  await until("every admin to read it", () =>
    Promise.resolve(row()?.roster === "listed" && row()?.unsigned === undefined),
  );
});

test("[P8] somebody who begins anew on a new device compares two codes with an admin, and receives again", async () => {
  const { world } = here;
  const dora = await here.atBrowser("Dora Dispatcher", "dispatcher");
  const sam = await here.member("Sam Anew", "responder");
  const again = await here.browser.person(sam);
  await again.enterPassword();
  await again.press("I don’t have my recovery key");
  await again.tick("I understand what is lost");
  await again.field("Password").fill(sam.password);
  await again.press("Start over with a new key");
  await again.tick(/I have kept my recovery key/);
  await again.press("Continue");
  await again.sees(/doesn’t know yet which list of members to believe/);
  await again.visit("Team");
  await again.press("Compare with an admin");
  const code = (await here.admin()).client.view("team")?.list?.code ?? "no code";
  await again.dialog.getByText(code).waitFor();
  await again.press("The codes are the same", again.dialog);
  await again.seesNot(/doesn’t know yet which list/);
  await again.sees(/Waiting for an admin to confirm you/);

  // Their own code, read to an admin at a browser.
  const ada = await here.atBrowser("Ada Third", "admin");
  await ada.visit("Team");
  await ada.sees(/Sam Anew has other keys than an admin confirmed/);
  await ada.press(/^Confirm Sam Anew/);
  const own = world.adminMember.client
    .view("team")
    ?.members.find(({ userId }) => userId === sam.userId)?.code;
  await ada.dialog.getByText(own ?? "no code").waitFor();
  await ada.press("The codes are the same", ada.dialog);
  await again.seesNot(/Waiting for an admin to confirm you/);
  const title = `A lost dog ${here.secret()}`;
  await dora.visit("Requests");
  await dora.openRequest({ description: title, people: ["Sam Anew"] });
  await again.visit("Requests");
  await again.choosesRequest(title);
});

here.scanAtTheEnd();
