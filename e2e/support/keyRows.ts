import type { Page } from "playwright-core";

/** What a browser holds of room keys. */
export type KeyRows = { readonly rows: number; readonly bucket: string; readonly buckets: number };

/**
 * How many room keys the newest bucket holds, looked at from the page while the worker runs.
 * @throws when a storage rotation takes that bucket away under the look
 */
export function keyRows(page: Page): Promise<KeyRows> {
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
        // A store that a storage rotation takes away meanwhile may never answer.
        setTimeout(() => reject(new Error("no answer")), 10_000);
      });
    const database = await answer(factory.open(name));
    const rows = await answer(
      database.transaction("inbound_group_sessions3").objectStore("inbound_group_sessions3").count(),
    ).finally(() => database.close());
    return { rows, bucket, buckets: names.length };
  });
}
