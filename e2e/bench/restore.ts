import { generateKeyPairSync, randomBytes } from "node:crypto";
import type { TestBrowser } from "../support/browser.ts";
import { backupOf } from "../support/keyBackups.ts";
import { Rogue } from "../support/rogue.ts";
import { until } from "../support/server.ts";
import { must, roomOf, waitForView, type World } from "../support/world.ts";

export const KEYS = 20_000;
const ROOMS = 20;

export type RestoreFigures = {
  readonly keys: number;
  /** From the first look at the backup until the last key is stored, in a browser's worker. */
  readonly restore: number;
  /** The longest that the page itself could not answer meanwhile: 0 when no task took 50 ms. */
  readonly longestBlock: number;
  /** Plain `importRoomKeys` of as many keys in Node, into a store in memory: nothing downloaded or decrypted. */
  readonly plainImport: number;
};

/** Milliseconds that an admin's key backup takes to come to a new browser. */
export async function measureRestore(
  world: World,
  browser: TestBrowser,
  progress: (text: string) => void,
  keys = KEYS,
): Promise<RestoreFigures> {
  const owner = await world.member("Bench Restorer", ["admin"]);
  await waitForView(owner.client, "backup", (view) => view.state === "on", "the backup to be on");
  const rooms: string[] = [];
  for (let i = 1; i <= ROOMS; i++) {
    await must(owner.client, "request.open", { fields: { description: `Example backup ${i}.` }, invite: [] });
    rooms.push(await roomOf(owner.client, `Example backup ${i}.`));
  }
  await must(owner.client, "session.signOut", {});

  progress(`making ${keys} keys`);
  await using another = await Rogue.signIn(world.instance.homeserverUrl, owner);
  await another.signDevice();
  const made = Array.from({ length: keys }, (_, i) => megolmSession(rooms[i % ROOMS] ?? ""));
  const began = performance.now();
  await another.importKeys(made);
  const plainImport = performance.now() - began;
  await another.useBackup();
  await until(
    "all keys are backed up",
    async () => {
      const count = (await backupOf(world.instance, owner))?.count ?? 0;
      progress(`${count} of ${keys} keys backed up`);
      return count >= keys;
    },
    900_000,
  );

  progress("restoring");
  const person = await browser.person(owner);
  await person.page.addInitScript(noteLongTasks);
  await person.signIn();
  await person.sees(/Bringing back older messages/);
  const start = performance.now();
  await person.page.getByText(/Bringing back older messages/).waitFor({ state: "hidden", timeout: 900_000 });
  const restore = performance.now() - start;
  const longestBlock = await person.page.evaluate(
    () => (window as unknown as { longestTask: number }).longestTask,
  );
  await browser.everybodyLeaves();
  return { keys, restore, longestBlock, plainImport };
}

/** Runs in the page. */
function noteLongTasks(): void {
  const page = window as unknown as { longestTask: number };
  page.longestTask = 0;
  new PerformanceObserver((list) => {
    // What loading the page takes is not what is asked.
    for (const { duration, startTime } of list.getEntries())
      if (startTime > 3_000) page.longestTask = Math.max(page.longestTask, duration);
  }).observe({ type: "longtask", buffered: true });
}

/** A session in the form of a key export (version 1, index 0): what is in it decrypts nothing. */
function megolmSession(room_id: string) {
  const identity = () =>
    generateKeyPairSync("ed25519").publicKey.export({ type: "spki", format: "der" }).subarray(-32);
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64").replace(/=+$/, "");
  const publicKey = identity();
  return {
    algorithm: "m.megolm.v1.aes-sha2",
    room_id,
    session_id: base64(publicKey),
    session_key: base64(Buffer.concat([Buffer.of(1, 0, 0, 0, 0), randomBytes(128), publicKey])),
    sender_key: base64(randomBytes(32)),
    sender_claimed_keys: { ed25519: base64(identity()) },
    forwarding_curve25519_key_chain: [],
  };
}
