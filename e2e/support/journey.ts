import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { dataFolder } from "../../tools/setup/index.mjs";
import { TestBrowser } from "./browser.ts";
import { scan } from "./scan.ts";
import type { Person } from "./person.ts";
import type { Joined } from "./prepared/prepared.ts";
import { startWorld, token, type Member, type World, type WorldOptions } from "./world.ts";

/** What the tests of one file share: a Hearth of their own, a Chromium, and the words that must not leak. */
export type Journey = {
  readonly world: World;
  readonly browser: TestBrowser;
  /** Another Chromium, for pages that come from elsewhere; the same is asked of it, and it is shut after the test. */
  withBrowser(opened: Promise<TestBrowser>): Promise<TestBrowser>;
  /** The one who invites the others, through client-core in Node. */
  admin(): Promise<Member>;
  /** A member who has no device any more: whatever reads and answers from now on is a browser. */
  member(name: string, ...roles: string[]): Promise<Joined>;
  /** A new member, signed in at a browser of their own. */
  atBrowser(name: string, ...roles: string[]): Promise<Person>;
  /** The same at a phone. */
  atPhone(name: string, ...roles: string[]): Promise<Person>;
  /** A word to type where callers, places and deeds are named. The scan at the end looks for it. */
  secret(): string;
  /** A word to type into the organisation's own data, which the server may know: the scan must find it. */
  control(): string;
  /** Something that a page may complain of here, because the test broke it. */
  expectComplaint(pattern: RegExp): void;
  /** Once, as the last test of the file: the look at the server's disk. */
  scanAtTheEnd(): void;
};

export function journey(options: WorldOptions = {}): Journey {
  let world: World | undefined;
  let browser: TestBrowser | undefined;
  let firstAdmin: Promise<Member> | undefined;
  const secrets: string[] = [];
  const controls: string[] = [];
  let expected: RegExp[] = [];
  const more: TestBrowser[] = [];
  const made = (list: string[]) => {
    const word = token();
    list.push(word);
    return word;
  };

  beforeAll(async () => {
    world = await startWorld(options);
    browser = await TestBrowser.open(world.instance.webUrl);
  });

  afterEach(async ({ task }) => {
    const browsers = [...(browser ? [browser] : []), ...more];
    if (task.result?.state === "fail") {
      const name = task.name.replaceAll(/[^A-Za-z0-9]+/g, "-").slice(0, 60);
      const folder = join(dataFolder, "test", "failed", name);
      for (const [index, each] of browsers.entries())
        await each.keepPictures(join(folder, String(index))).catch(() => undefined);
    }
    for (const each of browsers) await each.everybodyLeaves();
    for (const each of more.splice(0)) await each[Symbol.asyncDispose]();
    const strangers = browsers.flatMap((each) => each.takeStrangers());
    const complaints = browsers
      .flatMap((each) => each.takeComplaints())
      .filter((text) => !expected.some((pattern) => pattern.test(text)));
    expected = [];
    expect(strangers, "no request leaves Hearth's own origin").toEqual([]);
    expect(complaints, "no page complains").toEqual([]);
  });

  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await world?.[Symbol.asyncDispose]();
  });

  const here = () => {
    if (!world) throw new Error("only inside of a test");
    return world;
  };
  const admin = () => (firstAdmin ??= here().member("First Admin", ["admin"]));
  const member = (name: string, ...roles: string[]) => here().withoutDevice(name, roles);

  return {
    admin,
    member,
    async atBrowser(name, ...roles) {
      if (!browser) throw new Error("only inside of a test");
      return (await browser.person(await member(name, ...roles))).signIn();
    },
    async atPhone(name, ...roles) {
      if (!browser) throw new Error("only inside of a test");
      return (await browser.person(await member(name, ...roles), { phone: true })).signIn();
    },
    get world() {
      if (!world) throw new Error("only inside of a test");
      return world;
    },
    get browser() {
      if (!browser) throw new Error("only inside of a test");
      return browser;
    },
    secret: () => made(secrets),
    control: () => made(controls),
    async withBrowser(opened) {
      const another = await opened;
      more.push(another);
      return another;
    },
    expectComplaint: (pattern) => void expected.push(pattern),
    scanAtTheEnd() {
      test("[P1] nothing that was typed lies in the server's database, media or logs", async () => {
        if (!world) throw new Error("the world did not start");
        expect(secrets.length, "words to look for").toBeGreaterThan(0);
        await looksAtTheDisk(world, secrets, controls);
      });
    },
  };
}

/** While the server runs (its log of changes is on the disk), and again when it has stopped (and folded that in). */
async function looksAtTheDisk(world: World, secrets: readonly string[], controls: readonly string[]) {
  const { databasePath, mediaPath, logPaths } = world.instance;
  const places = [
    databasePath,
    `${databasePath}-wal`,
    `${databasePath}-shm`,
    mediaPath,
    ...logPaths,
    world.dir,
  ];
  for (const state of ["running", "stopped"] as const) {
    if (state === "stopped") await world.instance.stopSynapse();
    const { files, findings } = await scan(places, [...secrets, ...controls]);
    expect(files, `files looked at, ${state}`).toBeGreaterThan(3);
    expect(
      findings.filter(({ token: word }) => secrets.includes(word)),
      `sensitive words on the server's disk, ${state}`,
    ).toEqual([]);
    // The scan can fail: what the server may know, typed in the same way, it does find.
    for (const word of controls) {
      const where = findings.filter((finding) => finding.token === word);
      expect(where, `the control word ${word}, ${state}`).not.toEqual([]);
    }
  }
}
