import { AxeBuilder } from "@axe-core/playwright";
import type { CDPSession, Page } from "playwright-core";
import { PHONE, PHONE_WITH_KEYBOARD } from "./browser.ts";
import type { Person } from "./person.ts";

export const LOOKS = [
  { name: "light, desk", colorScheme: "light", viewport: { width: 1280, height: 800 } },
  { name: "dark, desk", colorScheme: "dark", viewport: { width: 1280, height: 800 } },
  { name: "light, phone", colorScheme: "light", viewport: PHONE },
  // What does not scroll on a high page scrolls here.
  { name: "dark, phone with keyboard", colorScheme: "dark", viewport: PHONE_WITH_KEYBOARD },
] as const satisfies readonly Look[];

/** For the one who looks at the pages themselves: `HEARTH_SHOTS=folder`. */
const shots = process.env["HEARTH_SHOTS"];

export type Look = {
  readonly name: string;
  readonly colorScheme: "light" | "dark";
  readonly viewport: { readonly width: number; readonly height: number };
};

/** A narrow look is a phone's: its pages are told that they are touched, and hover nowhere. */
export async function setLook(page: Page, look: Omit<Look, "name">): Promise<void> {
  await page.emulateMedia({ colorScheme: look.colorScheme });
  await page.setViewportSize(look.viewport);
  await setTouch(page, isPhone(look));
  // Colours that are on their way from one look to the other are nobody's to judge. The two frames let them begin.
  await page.evaluate(async () => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    await frame();
    await frame();
    const underWay = document.getAnimations().filter((each) => each instanceof CSSTransition);
    await Promise.allSettled(underWay.map((each) => each.finished));
  });
}

export const isPhone = (look: Omit<Look, "name">) => look.viewport.width < 720;

const sessions = new WeakMap<Page, Promise<CDPSession>>();

async function setTouch(page: Page, enabled: boolean): Promise<void> {
  let session = sessions.get(page);
  if (!session) sessions.set(page, (session = page.context().newCDPSession(page)));
  await (await session).send("Emulation.setTouchEmulationEnabled", { enabled, maxTouchPoints: 5 });
}

/** Rules of axe that had something to look at on any page so far. */
export const appliedRules = new Set<string>();

/** At least as wide and as high as this is what a finger can hit. */
const TARGET_PX = 44;

/** What can be pressed on the page as it stands and is smaller than a finger needs. */
function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate((least) => {
    const roles = ["button", "link", "tab", "option", "switch", "checkbox", "radio", "menuitem", "combobox"];
    const pressable = `a[href], button, input:not([type=hidden]), select, textarea, summary, ${roles
      .map((role) => `[role=${role}]`)
      .join(", ")}`;
    const isForReaders = (element: Element | null): boolean =>
      element !== null &&
      (getComputedStyle(element).clipPath === "inset(50%)" || isForReaders(element.parentElement));
    const isSeen = (element: Element) =>
      element.checkVisibility({ opacityProperty: false, visibilityProperty: true }) &&
      element.closest("[inert], [aria-hidden=true]") === null &&
      !isForReaders(element);
    return [...document.querySelectorAll(pressable)].filter(isSeen).flatMap((element) => {
      // A box to tick is hit with its words.
      const { width, height, bottom, right } = (element.closest("label") ?? element).getBoundingClientRect();
      // Off the page until it has the focus, or of no size: nobody can hit it at all.
      if (bottom <= 0 || right <= 0 || width < 2 || height < 2) return [];
      const name = element.getAttribute("aria-label") ?? element.textContent.trim().slice(0, 30);
      return width >= least - 0.5 && height >= least - 0.5
        ? []
        : [`${element.tagName.toLowerCase()} “${name}” ${Math.round(width)} × ${Math.round(height)}`];
    });
  }, TARGET_PX);
}

/**
 * What axe finds on the page as it stands, in all looks; whether it can be scrolled sideways; and, on a phone, what is too
 * small for a finger.
 * @param looks those in which the page is looked at
 * @param onLook what else is to be done with the page in each look
 */
export async function problems(
  person: Person,
  what: string,
  looks: readonly Look[] = LOOKS,
  onLook = (look: Look) => (shots ? takePicture(person.page, shots, what, look) : undefined),
): Promise<string[]> {
  const found: string[] = [];
  for (const look of looks) {
    await setLook(person.page, look);
    await onLook(look);
    const { violations, passes } = await analysed(person.page);
    for (const { id } of [...violations, ...passes]) appliedRules.add(id);
    for (const { id, nodes } of violations) {
      const places = nodes.map((node) => `${node.target.join(" ")} (${node.any[0]?.message ?? node.html})`);
      found.push(`${what}, ${look.name}: ${id}: ${places.join("; ")}`);
    }
    const wide = await person.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    if (wide > 0) found.push(`${what}, ${look.name}: ${wide} px too wide`);
    if (!isPhone(look)) continue;
    for (const small of await smallTargets(person.page))
      found.push(`${what}, ${look.name}: ${small} is too small`);
  }
  return found;
}

/**
 * All in the page itself. Otherwise each result would be put together in another tab, opened for it alone, which costs
 * as much as the look and is of use only for frames of other origins; and what passed would be told node by node.
 */
function analysed(page: Page) {
  return new AxeBuilder({ page })
    .setLegacyMode()
    .options({ resultTypes: ["violations"] })
    .analyze();
}

async function takePicture(page: Page, folder: string, what: string, look: Look): Promise<void> {
  const file = `${what}-${look.name}`.replaceAll(/[^a-z0-9]+/g, "-");
  await page.screenshot({ path: `${folder}/${file}.png` });
}
