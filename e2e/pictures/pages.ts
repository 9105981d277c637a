import { mkdirSync, rmSync } from "node:fs";
import type { TestBrowser } from "../support/browser.ts";
import type { World } from "../support/world.ts";
import { access } from "./scenes/access.ts";
import { lease } from "./scenes/lease.ts";
import { lock } from "./scenes/lock.ts";
import { phone } from "./scenes/phone.ts";
import { roster } from "./scenes/roster.ts";
import { trust } from "./scenes/trust.ts";
import { wipe } from "./scenes/wipe.ts";
import { setStage } from "./stage.ts";

/** Those that change the organisation's policy come last. */
const SCENES = { phone, lock, trust, wipe, roster, access, lease };

/**
 * Takes pictures of a request on a phone, and of the pages about the life of a key in every look.
 * @param wanted names of scenes; none means all
 * @returns what went wrong: scenes that broke off, and what axe found
 */
export async function takePages(
  world: World,
  browser: TestBrowser,
  folder: string,
  wanted: readonly string[],
): Promise<string[]> {
  if (wanted.length === 0) rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const stage = setStage(world, browser, folder);
  const broken: string[] = [];
  for (const [name, scene] of Object.entries(SCENES)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    console.log(`  … ${name}`);
    try {
      await scene(stage);
    } catch (error) {
      broken.push(`${name} broke off: ${error instanceof Error ? error.message : String(error)}`);
      await browser.keepPictures(`${folder}/broken ${name}`).catch(() => undefined);
    }
    await browser.everybodyLeaves();
  }
  return [...broken, ...stage.found, ...browser.takeComplaints()];
}
