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
  /** What is seen of the page at this size and no more, light and dark. */
  asSeen(person: Person, name: string, viewport: Viewport): Promise<void>;
  readonly found: string[];
};

type Viewport = { readonly width: number; readonly height: number };

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
      found.push(
        ...(await problems(person, name, LOOKS, (look) => takeWhole(person.page, folder, name, look))),
      );
      await setLook(person.page, LOOKS[0]);
    },
    async asSeen({ page }, name, viewport) {
      for (const colorScheme of ["light", "dark"] as const) {
        await setLook(page, { colorScheme, viewport });
        await page.screenshot({ path: join(folder, fileName(`${name} ${colorScheme}`)) });
      }
    },
  };
}

/** Pages scroll inside of themselves, so the window grows for the picture. */
async function takeWhole(page: Page, folder: string, name: string, look: Look): Promise<void> {
  const { width, height } = look.viewport;
  const hidden = await page.evaluate(() =>
    Math.max(
      0,
      ...[
        ...document.querySelectorAll("main section, [role=dialog] section, [role=alertdialog] section, main"),
      ].map((box) => box.scrollHeight - box.clientHeight),
    ),
  );
  if (hidden > 0) await page.setViewportSize({ width, height: Math.min(height + hidden, 4000) });
  await page.screenshot({ path: join(folder, fileName(`${name} ${look.name}`)) });
  await page.setViewportSize({ width, height });
}

const fileName = (name: string) => `${name.replaceAll(/[^A-Za-z0-9]+/g, "-")}.png`;
