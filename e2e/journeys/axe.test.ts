import { beforeAll, describe, expect, test } from "vitest";
import { ROUTES } from "@hearth/client-web/src/routes.ts";
import { appliedRules, isPhone, LOOKS, problems, setLook } from "../support/axe.ts";
import { journey } from "../support/journey.ts";
import { deleteDevice, devicesOf } from "../support/server.ts";
import type { Joined } from "../support/prepared/prepared.ts";
import { must } from "../support/world.ts";

const here = journey();

describe("axe finds nothing", () => {
  let account: Joined;
  beforeAll(async () => {
    account = await here.member("Axe Admin", "admin");
  });

  test("on any page of somebody signed in, light and dark, phone and desk", async () => {
    const dispatcher = await (await here.browser.person(account)).signIn();
    const found: string[] = [];
    for (const route of ROUTES) {
      await dispatcher.goTo(route);
      await dispatcher.page
        .getByRole("heading", { level: 1 })
        .filter({ hasNotText: /^Hearth$/ })
        .first()
        .waitFor();
      found.push(...(await problems(dispatcher, route)));
    }
    expect(found).toEqual([]);
  });

  test("on any page of somebody who is not signed in", async () => {
    const stranger = await here.browser.person();
    const found: string[] = [];
    for (const route of ["/", "/sign-in/", "/join/", "/help/", "/nothing/"]) {
      await stranger.goTo(route);
      await stranger.page
        .getByRole("heading", { level: 1 })
        .filter({ hasNotText: /^Hearth$/ })
        .first()
        .waitFor();
      found.push(...(await problems(stranger, `out ${route}`)));
    }
    await stranger.enterPassword(account);
    await stranger.heading("Unlock this device").waitFor();
    found.push(...(await problems(stranger, "unlock")));
    await stranger.press("I don’t have my recovery key");
    await stranger.heading("No recovery key?").waitFor();
    found.push(...(await problems(stranger, "forgotten")));
    expect(found).toEqual([]);
  });

  test("on any page of somebody who joins", async () => {
    const newcomer = await here.browser.person();
    const found: string[] = [];
    const { client } = await here.admin();
    const { link } = await must(client, "invite.create", { roles: ["responder"] });
    await newcomer.page.goto(link);
    await newcomer.field("Your name").fill("Axe Newcomer");
    await newcomer.field("Password").fill(here.secret());
    found.push(...(await problems(newcomer, "join form")));
    await newcomer.press("Join");
    await newcomer.heading("Your recovery key").waitFor();
    found.push(...(await problems(newcomer, "make key")));
    await newcomer.press("Make my recovery key");
    await newcomer.heading("Keep your recovery key").waitFor();
    found.push(...(await problems(newcomer, "show key")));
    expect(found).toEqual([]);
  });

  test("on a request with its chat and details, its dialogs, a locked session and a second tab", async () => {
    const person = await (await here.browser.person(account)).signIn();
    const found: string[] = [];
    await person.visit("Requests");
    await person.openRequest({
      description: `A broken lamp ${here.secret()}`,
      location: "Bridge",
      priority: "Critical",
    });
    await person.says(`Is it dark there? ${here.secret()}`);
    await person.everythingIsSent();
    found.push(...(await problems(person, "request")));
    const phones = LOOKS.filter(isPhone);
    await setLook(person.page, LOOKS[2]);
    await person.press(/Show where, who called and who is going$/);
    await person.press("Map of the location");
    await person.dialog.waitFor();
    found.push(...(await problems(person, "map", phones)));
    await person.page.keyboard.press("Escape");
    await person.page.getByRole("tab", { name: "Details" }).click();
    found.push(...(await problems(person, "details", phones)));
    await setLook(person.page, LOOKS[0]);
    for (const [button, name] of [
      ["Add people", "add people"],
      ["Edit", "edit"],
      ["Close…", "close"],
    ] as const) {
      await person.press(button, person.request);
      await person.dialog.waitFor();
      found.push(...(await problems(person, name)));
      await setLook(person.page, LOOKS[0]);
      await person.page.keyboard.press("Escape");
      await person.dialog.waitFor({ state: "hidden" });
    }

    const second = person.beside(await person.page.context().newPage());
    await second.goTo("/requests/");
    await second.heading("Hearth is open in another tab").waitFor();
    found.push(...(await problems(second, "other tab")));
    await second.page.close();

    const { instance } = here.world;
    for (const device of await devicesOf(instance, account.userId))
      await deleteDevice(instance, account.userId, device.device_id);
    await person.heading(/^Welcome back/).waitFor();
    found.push(...(await problems(person, "locked")));
    expect(found).toEqual([]);
    // Neither is among what axe calls serious on every page: they have been looked at all the same.
    expect([...appliedRules]).toEqual(expect.arrayContaining(["region", "scrollable-region-focusable"]));
  });
});

here.scanAtTheEnd();
