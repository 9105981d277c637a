import { cp, mkdir, readFile, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { deserialize } from "node:v8";
import type { MemoryDump } from "@hearth/client-core/node.ts";
import { dataFolder, root, runChild } from "../../../tools/setup/index.mjs";
import { withLock } from "../../../tools/setup/lock.mjs";
import { hashFiles } from "../../../tools/setup/stamp.mjs";
import type { Account } from "../person.ts";
import { preparedPeople } from "./people.ts";

/** A member as a test needs them, without a client. */
export type Joined = Account & { readonly userId: string; readonly displayName: string };

export type PreparedPerson = {
  readonly account: Joined;
  readonly roles: readonly string[];
  readonly deviceId: string;
  readonly storage: MemoryDump;
};

/** What a server is made of; its configuration is written at each start. */
export const SERVER_FILES = ["homeserver.db", "media", "secrets", "identity.json"] as const;

/** Ends the name of a folder that is not whole yet. */
export const UNFINISHED = ".unfinished";

/** Whatever decides what a world has in it. */
const MADE_FROM = [
  "bots/src",
  "client-core/src",
  "protocol/src",
  "synapse-config",
  "tools/src/instance",
  "tools/src/instance.ts",
  "tools/src/proxy",
  "tools/src/webServer.ts",
  "e2e/support/world.ts",
  "e2e/support/prepared",
  "package-lock.json",
].map((path) => join(root, path));

/** Where the world of this run lies: however long a run lasts, all its files begin alike. */
const THIS_RUNS = "HEARTH_PREPARED_WORLD";

/** An older one is made anew: what a test knows of leases and windows is meant for a team that has just met. */
const MAX_AGE_MS = 3_600_000;

/** A world that was made once, for as many copies as are wanted. Nothing in it runs. */
export class PreparedWorld {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** The one of this state of the code. Whoever comes first makes it, and the others wait; what broke off is made anew. */
  static async get(): Promise<PreparedWorld> {
    const ofThisRun = process.env[THIS_RUNS];
    if (ofThisRun !== undefined && ofThisRun !== "") return new PreparedWorld(ofThisRun);
    const worlds = join(dataFolder, "test", "worlds");
    const made = `${hashFiles(MADE_FROM).slice(0, 16)}-`;
    const folder = await withLock(
      `${worlds}.lock`,
      () => {},
      async () => {
        await mkdir(worlds, { recursive: true, mode: 0o700 });
        const found = (await removeOld(worlds)).find(
          (name) => name.startsWith(made) && Date.now() - timeOf(name) < MAX_AGE_MS,
        );
        if (found !== undefined) return join(worlds, found);
        const fresh = join(worlds, `${made}${Date.now()}`);
        const program = fileURLToPath(new URL("make.ts", import.meta.url));
        const otherwise = "The world that tests begin with could not be made: see the lines above.";
        await runChild(process.execPath, [program, fresh], { otherwise });
        return fresh;
      },
    );
    return new PreparedWorld(folder);
  }

  /** For the rest of the run, in this process and in those that it starts. */
  useInThisRun(): void {
    process.env[THIS_RUNS] = this.#folder;
  }

  /** Puts what a server needs into a folder, to start an instance there. */
  async copyServer(dir: string): Promise<void> {
    for (const name of SERVER_FILES) await cp(join(this.#folder, name), join(dir, name), { recursive: true });
  }

  /** @param index of `preparedPeople` */
  async person(index: number): Promise<PreparedPerson> {
    return deserialize(await readFile(join(this.#folder, `person-${index}`))) as PreparedPerson;
  }
}

/** Gives each of the prepared people away once. */
export class PreparedPeople {
  readonly #world: PreparedWorld;
  readonly #free = new Set(preparedPeople.keys());

  constructor(world: PreparedWorld) {
    this.#world = world;
  }

  /**
   * @param wanted a name, or nothing: then somebody, from the last who joined on
   * @returns undefined when nobody of that kind is left
   */
  async take(roles: readonly string[], wanted?: string): Promise<PreparedPerson | undefined> {
    const index = [...this.#free].findLast((each) => {
      const person = preparedPeople[each];
      return (wanted ?? person?.name) === person?.name && String(person?.roles) === String(roles);
    });
    if (index === undefined) return undefined;
    this.#free.delete(index);
    return this.#world.person(index);
  }
}

/** @returns the names of those that are whole, not too old to be in use somewhere */
async function removeOld(worlds: string): Promise<string[]> {
  const names = await readdir(worlds);
  const old = names.filter((name) => Date.now() - timeOf(name) > 3 * MAX_AGE_MS);
  for (const name of old) await rm(join(worlds, name), { recursive: true, force: true });
  return names.filter((name) => !old.includes(name) && !name.endsWith(UNFINISHED));
}

/** When a world was made, by its folder's name. */
function timeOf(name: string): number {
  return Number(/-(\d+)/.exec(name)?.[1] ?? 0);
}
