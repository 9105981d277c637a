import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import type { Person } from "./person.ts";

export const LOOKS = [
  { name: "light, desk", colorScheme: "light", viewport: { width: 1280, height: 800 } },
  { name: "dark, desk", colorScheme: "dark", viewport: { width: 1280, height: 800 } },
  { name: "light, phone", colorScheme: "light", viewport: { width: 390, height: 844 } },
  { name: "dark, phone", colorScheme: "dark", viewport: { width: 390, height: 844 } },
] as const;

/** For the one who looks at the pages themselves: `HEARTH_SHOTS=folder`. */
const shots = process.env["HEARTH_SHOTS"];

export type Look = (typeof LOOKS)[number];

export async function setLook(page: Page, look: Look): Promise<void> {
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

/**
 * What axe calls serious or critical on the page as it stands, in all looks, and whether it can be scrolled sideways.
 * @param onLook what else is to be done with the page in each look
 */
export async function problems(
  person: Person,
  what: string,
  onLook = (look: Look) => (shots ? takePicture(person.page, shots, what, look) : undefined),
): Promise<string[]> {
  const found: string[] = [];
  for (const look of LOOKS) {
    await setLook(person.page, look);
    await onLook(look);
    const { violations } = await analysed(person.page);
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
