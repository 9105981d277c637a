import type { Page } from "playwright-core";
import { keyRows, type KeyRows } from "../support/keyRows.ts";
import { Person, type Account } from "../support/person.ts";
import type { Profile } from "../support/profile.ts";
import { must, type World } from "../support/world.ts";

export type PruneFigures = {
  readonly keys: number;
  /** From the first row that goes to the last, while the screen is open. */
  readonly prune: number;
  /** From the last row until the store without them stands in a bucket of its own. */
  readonly rotationAfter: number;
};

/** Milliseconds that a window made short takes to delete all keys that a profile's crypto store holds. */
export async function measurePrune(world: World, profile: Profile, account: Account): Promise<PruneFigures> {
  const browser = await profile.open();
  const page = await browser.page();
  await new Person(page, world.instance.webUrl, account).goTo("/requests/");
  await page.getByRole("heading", { name: "Requests" }).first().waitFor();
  // Each key is as old as its arrival, which is noted at this start.
  const keys = (await keyRows(page)).rows;
  await must(world.adminMember.client, "policy.set", { key_block: "PT1S", key_window: "PT2S" });
  const began = await when(page, ({ rows }) => rows < keys);
  const { bucket } = await keyRows(page);
  const pruned = await when(page, ({ rows }) => rows === 0);
  const rotated = await when(page, (now) => now.bucket !== bucket && now.buckets === 1);
  await browser.close();
  await must(world.adminMember.client, "policy.set", { key_block: "P1D", key_window: "P14D" });
  return { keys, prune: pruned - began, rotationAfter: rotated - pruned };
}

async function when(page: Page, is: (store: KeyRows) => boolean): Promise<number> {
  for (;;) {
    const now = await keyRows(page).catch(() => undefined);
    if (now && is(now)) return performance.now();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
