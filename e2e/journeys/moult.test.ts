import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Person } from "../support/person.ts";
import { Profile, type RunningBrowser } from "../support/profile.ts";
import { looksInto, type Saved } from "../support/secondProgram/index.ts";
import { devicesOf, encryptedIn } from "../support/server.ts";
import { must, roomOf, startWorld, token, waitForView, type World } from "../support/world.ts";

let world: World;

beforeAll(async () => {
  world = await startWorld();
  const admin = await world.member("First Admin", ["admin"]);
  // With blocks of a second every start is in a new one, and moults.
  await must(admin.client, "policy.set", { key_block: "PT1S" });
});

afterAll(() => world[Symbol.asyncDispose]());

/** What of a profile's buckets stands on the disk: for each bucket its databases, and whether files lie in it. */
function bucketsOf(dir: string): { name: string; databases: number; files: boolean }[] {
  const root = join(dir, "Default", "WebStorage");
  const list = (...path: string[]): string[] => {
    const folder = join(root, ...path);
    try {
      return existsSync(folder) ? readdirSync(folder) : [];
    } catch {
      return [];
    }
  };
  return list()
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({
      name,
      databases: list(name, "IndexedDB").filter((each) => each.endsWith(".leveldb")).length,
      files: list(name, "FileSystem").length > 0,
    }));
}
