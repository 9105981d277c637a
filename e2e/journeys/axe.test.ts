import { AxeBuilder } from "@axe-core/playwright";
import { beforeAll, describe, expect, test } from "vitest";
import type { Page } from "playwright-core";
import { ROUTES } from "@hearth/client-web/src/routes.ts";
import { journey } from "../support/journey.ts";
import type { Person } from "../support/person.ts";
import { deleteDevice, devicesOf } from "../support/server.ts";
import { must, type Member } from "../support/world.ts";

const here = journey();

const LOOKS = [
  { name: "light, desk", colorScheme: "light", viewport: { width: 1280, height: 800 } },
  { name: "dark, desk", colorScheme: "dark", viewport: { width: 1280, height: 800 } },
  { name: "light, phone", colorScheme: "light", viewport: { width: 390, height: 844 } },
  { name: "dark, phone", colorScheme: "dark", viewport: { width: 390, height: 844 } },
] as const;
type Look = (typeof LOOKS)[number];

/** For the one who looks at the pages themselves: `HEARTH_SHOTS=folder`. */
const shots = process.env["HEARTH_SHOTS"];

async function setLook(page: Page, look: Look): Promise<void> {
  await page.emulateMedia({ colorScheme: look.colorScheme });
  await page.setViewportSize(look.viewport);
  // Colours that are on their way from one look to the other are nobody's to judge. The two frames let them begin.
  await page.evaluate(async () => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    await frame();
    await frame();
    const underWay = document.getAnimations().filter((each) => each instanceof CSSTransition);
    await Promise.allSettled(underWay.map((each) => each.finished));
  });
}

/** What axe calls serious or critical on the page as it stands, in all looks, and whether it can be scrolled sideways. */
async function problems(person: Person, what: string): Promise<string[]> {
  const found: string[] = [];
  for (const look of LOOKS) {
    await setLook(person.page, look);
    if (shots) {
      const file = `${what}-${look.name}`.replaceAll(/[^a-z0-9]+/g, "-");
      await person.page.screenshot({ path: `${shots}/${file}.png` });
    }
    const { violations } = await new AxeBuilder({ page: person.page }).analyze();
    for (const { id, impact, nodes } of violations) {
      if (impact !== "serious" && impact !== "critical") continue;
      const places = nodes.map((node) => `${node.target.join(" ")} (${node.any[0]?.message ?? node.html})`);
      found.push(`${what}, ${look.name}: ${id}: ${places.join("; ")}`);
    }
    const wide = await person.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    if (wide > 0) found.push(`${what}, ${look.name}: ${wide} px too wide`);
  }
  return found;
}

describe("axe finds nothing serious", () => {
  let account: Member;
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
  });
});

here.scanAtTheEnd();
