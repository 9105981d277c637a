import { readdirSync } from "node:fs";
import { join } from "node:path";
import { exampleSession } from "../support/exampleSession.ts";
import { Person } from "../support/person.ts";
import { Profile } from "../support/profile.ts";
import { fills, looksInto } from "../support/secondProgram/index.ts";
import { devicesOf } from "../support/server.ts";
import { must, type World } from "../support/world.ts";
import { measurePrune, type PruneFigures } from "./prune.ts";

export const SESSIONS = 10_000;
const AT_ONCE = 1000;

export type RotationFigures = {
  /** From the making of the new bucket to the end of the old one. */
  readonly rotation: number;
  /** What the crypto library takes to export as many sessions, for comparison. */
  readonly exportAll: number;
  readonly prune: PruneFigures;
};

/** Milliseconds for a storage rotation of a store with many inbound sessions, as it stands on the disk of a browser's profile. */
export async function measureRotation(
  world: World,
  progress: (text: string) => void,
): Promise<RotationFigures> {
  const { webUrl } = world.instance;
  const account = await world.member("Bench Rotator", ["responder"]);
  await must(account.client, "session.signOut", {});
  await using profile = await Profile.create();
  const signingIn = await profile.open();
  await new Person(await signingIn.page(), webUrl, account).signIn();
  await signingIn.close();

  progress("sessions to rotate");
  const [device] = await devicesOf(world.instance, account.userId);
  const saved = {
    userId: account.userId,
    deviceId: device?.device_id ?? "",
    events: [],
    oldRootKeys: [],
    words: [],
  };
  const batches = Array.from({ length: SESSIONS / AT_ONCE }, () =>
    JSON.stringify(Array.from({ length: AT_ONCE }, exampleSession)),
  );
  const exportAll = await fills(profile, webUrl, saved, batches);

  progress("rotation");
  const browser = await profile.open();
  const person = new Person(await browser.page(), webUrl, account);
  const [, began, ended] = await Promise.all([
    person.goTo("/requests/"),
    whenBuckets(profile.dir, 2),
    whenBuckets(profile.dir, 2).then(() => whenBuckets(profile.dir, 1)),
  ]);
  await person.seesList();
  await browser.close();
  const { sessions } = await looksInto(profile, webUrl, saved);
  if (sessions < SESSIONS) throw new Error(`${sessions} sessions after the storage rotation`);
  progress("prune");
  return { rotation: ended - began, exportAll, prune: await measurePrune(world, profile, account) };
}

async function whenBuckets(dir: string, count: number): Promise<number> {
  const buckets = join(dir, "Default", "WebStorage");
  while (readdirSync(buckets).filter((name) => /^\d+$/.test(name)).length !== count)
    await new Promise((resolve) => setTimeout(resolve, 1));
  return performance.now();
}
