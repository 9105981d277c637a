import type { Page } from "playwright-core";
import { Person, type Account } from "../support/person.ts";
import type { Profile } from "../support/profile.ts";
import { must, type World } from "../support/world.ts";

export type PruneFigures = {
  readonly keys: number;
  /** From the first row that goes to the last, while the screen is open. */
  readonly prune: number;
  /** From the last row until the store without them stands in a bucket of its own. */
  readonly moultAfter: number;
};

/** Milliseconds that a window made short takes to delete all keys that a profile's crypto store holds. */
export async function measurePrune(world: World, profile: Profile, account: Account): Promise<PruneFigures> {
  const browser = await profile.open();
  const page = await browser.page();
  await new Person(page, world.instance.webUrl, account).goTo("/requests/");
  await page.getByRole("heading", { name: "Requests" }).first().waitFor();
  // Each key is as old as its arrival, which is noted at this start.
  const keys = (await store(page)).rows;
  await must(world.adminMember.client, "policy.set", { key_block: "PT1S", key_window: "PT2S" });
  const began = await when(page, ({ rows }) => rows < keys);
  const { bucket } = await store(page);
  const pruned = await when(page, ({ rows }) => rows === 0);
  const moulted = await when(page, (now) => now.bucket !== bucket && now.buckets === 1);
  await browser.close();
  await must(world.adminMember.client, "policy.set", { key_block: "P1D", key_window: "P14D" });
  return { keys, prune: pruned - began, moultAfter: moulted - pruned };
}

type Store = { readonly rows: number; readonly bucket: string; readonly buckets: number };

async function when(page: Page, is: (store: Store) => boolean): Promise<number> {
  while (!is(await store(page))) await new Promise((resolve) => setTimeout(resolve, 20));
  return performance.now();
}

/** How many room keys the newest bucket holds, looked at from the page while the worker runs. */
function store(page: Page): Promise<Store> {
  return page.evaluate(async () => {
    type Bucket = { readonly indexedDB: IDBFactory };
    const all = (
      navigator as unknown as {
        storageBuckets: { keys(): Promise<string[]>; open(name: string): Promise<Bucket> };
      }
    ).storageBuckets;
    const names = await all.keys();
    const bucket = names.at(-1) ?? "";
    const { indexedDB: factory } = await all.open(bucket);
    const name = (await factory.databases()).find((each) => each.name?.endsWith("::matrix-sdk-crypto"))?.name;
    if (name === undefined) return { rows: -1, bucket, buckets: names.length };
    const answer = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error ?? new Error("no answer"));
      });
    const database = await answer(factory.open(name));
    const rows = await answer(
      database.transaction("inbound_group_sessions3").objectStore("inbound_group_sessions3").count(),
    ).finally(() => database.close());
    return { rows, bucket, buckets: names.length };
  });
}
