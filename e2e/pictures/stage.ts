import { join } from "node:path";
import type { Page } from "playwright-core";
import { LOOKS, problems, setLook, type Look } from "../support/axe.ts";
import type { TestBrowser } from "../support/browser.ts";
import type { Person } from "../support/person.ts";
import { must, type Member, type World } from "../support/world.ts";

/** What a scene plays with: a Hearth of its own, and a camera. */
export type Stage = {
  readonly world: World;
  readonly browser: TestBrowser;
  /** A member whose only devices are the browsers that they sign in at. */
  member(name: string, ...roles: string[]): Promise<Member>;
  /** The same, signed in at a browser. */
  atBrowser(name: string, ...roles: string[]): Promise<Person>;
  /** The page as it stands, in every look, as high as it needs to be; what axe says goes to `found`. */
  picture(person: Person, name: string): Promise<void>;
  readonly found: string[];
};

export function setStage(world: World, browser: TestBrowser, folder: string): Stage {
  const found: string[] = [];
  const member = async (name: string, ...roles: string[]) => {
    const made = await world.member(name, roles);
    // The first admin stays: somebody has to sign the others.
    if (made !== world.adminMember) await must(made.client, "session.signOut", {});
    return made;
  };
  return {
    world,
    browser,
    found,
    member,
    atBrowser: async (name, ...roles) => (await browser.person(await member(name, ...roles))).signIn(),
    async picture(person, name) {
      found.push(...(await problems(person, name, (look) => takeWhole(person.page, folder, name, look))));
      await setLook(person.page, LOOKS[0]);
    },
  };
}

/** Pages scroll inside of themselves, so the window grows for the picture. */
async function takeWhole(page: Page, folder: string, name: string, look: Look): Promise<void> {
  const { width, height } = look.viewport;
  const hidden = await page.evaluate(() =>
    Math.max(
      0,
      ...[...document.querySelectorAll("main section, [role=dialog] div, [role=alertdialog] div, main")].map(
        (box) => box.scrollHeight - box.clientHeight,
      ),
    ),
  );
  if (hidden > 0) await page.setViewportSize({ width, height: Math.min(height + hidden, 4000) });
  const file = `${name}-${look.name}`.replaceAll(/[^A-Za-z0-9]+/g, "-");
  await page.screenshot({ path: join(folder, `${file}.png`) });
  await page.setViewportSize({ width, height });
}
