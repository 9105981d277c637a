// The program that makes the prepared world: `node make.ts FOLDER`. A process of its own, so that it leaves nothing behind
// in that of a test.
import { cp, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { serialize } from "node:v8";
import { MemoryStorage, createNodeClient } from "@hearth/client-core/node.ts";
import { startWorld, waitForView } from "../world.ts";
import { preparedPeople } from "./people.ts";
import { SERVER_FILES, UNFINISHED, type PreparedPerson } from "./prepared.ts";

type Person = (typeof preparedPeople)[number];

const [, , folder = ""] = process.argv;
const parent = process.ppid;
// Nobody waits for it any more when whoever asked for it is gone.
setInterval(() => process.ppid !== parent && process.exit(1), 1_000).unref();

const unfinished = `${folder}${UNFINISHED}`;
await rm(unfinished, { recursive: true, force: true });
await mkdir(unfinished, { recursive: true, mode: 0o700 });

const world = await startWorld({ fresh: true, web: false, org: { id: "test", name: "Test Team" } });
const baseUrl = world.instance.webUrl;

const storages = new Map(preparedPeople.map((person) => [person, new MemoryStorage()]));
const start = (person: Person) =>
  createNodeClient({ baseUrl, storage: storages.get(person) ?? new MemoryStorage() });
const join_ = async (person: Person) => world.member(person.name, [...person.roles], await start(person));

// Who has joined stops, but for the admin: each change that comes would wake everybody who runs. Two join at a time, as
// there are two cores at least and the bot answers one after the other.
const [first, ...others] = preparedPeople;
if (!first) throw new Error("nobody is to be prepared");
const joined = new Map([[first, await join_(first)]]);
const waiting = [...others];
const joinOneByOne = async () => {
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const member = await join_(next);
    await member.client.dispose();
    joined.set(next, member);
  }
};
await Promise.all([joinOneByOne(), joinOneByOne()]);

// Everybody hears of everybody, so that a copy has nothing to catch up with. The first start after one's joining moves the
// store to another place; the first one in a copy then does not.
const people: PreparedPerson[] = [];
for (const person of preparedPeople) {
  const member = joined.get(person);
  const storage = storages.get(person);
  if (!member || !storage) throw new Error(`${person.name} has not joined`);
  const { client: before, ...account } = member;
  await before.dispose();
  const client = await start(person);
  await waitForView(
    client,
    "team",
    ({ members }) => members.filter(({ roster }) => roster === "listed").length === preparedPeople.length,
    `${person.name} sees all on the roster`,
  );
  const deviceId = client.view("session")?.deviceId ?? "";
  await client.dispose();
  people.push({ account, roles: person.roles, deviceId, storage: await storage.dump() });
}
await world.instance.stop();
for (const name of SERVER_FILES) await cp(join(world.dir, name), join(unfinished, name), { recursive: true });
// Each by itself, so that a test reads no more than it needs.
for (const [index, person] of people.entries())
  await writeFile(join(unfinished, `person-${index}`), serialize(person), { mode: 0o600 });
await world[Symbol.asyncDispose]();
await rename(unfinished, folder);
process.exit(0);
