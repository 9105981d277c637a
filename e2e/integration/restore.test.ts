import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ClientPort } from "@hearth/client-core/contract.ts";
import { MemoryStorage, createNodeClient } from "@hearth/client-core/node.ts";
import { startInstance } from "@hearth/tools";
import { until } from "../support/server.ts";
import { must, roomOf, startWorld, waitForView } from "../support/world.ts";
import type { Member, World } from "../support/world.ts";
import { CuttableNetwork } from "./support/cuttableNetwork.ts";

/** Follows docs/operations/restore.md. */

const root = join(import.meta.dirname, "../..");
let world: World;
const open: ClientPort[] = [];

beforeAll(async () => {
  // Tokens that live for seconds: those of the backup are not those that devices hold when it is restored.
  world = await startWorld({ web: false, accessTokenLifetime: "10s" });
});

afterAll(async () => {
  await Promise.all(open.map((client) => client.dispose()));
  await world[Symbol.asyncDispose]();
  const beside = (await readdir(dirname(world.dir))).filter((name) => name.startsWith(basename(world.dir)));
  for (const name of beside) await rm(join(dirname(world.dir), name), { recursive: true });
});

/** A command as the runbook has it: `npm run operator -- backup --to …`. */
function operator(...args: string[]): { ok: boolean; said: string } {
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  const [, script = ""] = (manifest.scripts["operator"] ?? "").split(" ");
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    cwd: root,
    encoding: "utf8",
  });
  return { ok: status === 0, said: stdout + stderr };
}

function oneTimeKeys(dir: string): number {
  using database = new DatabaseSync(join(dir, "homeserver.db"), { readOnly: true });
  return Number(database.prepare("SELECT count(*) AS count FROM e2e_one_time_keys_json").get()?.["count"]);
}

async function newDevice(member: Member) {
  const network = new CuttableNetwork();
  const storage = new MemoryStorage();
  const client = await createNodeClient({
    baseUrl: world.instance.webUrl,
    storage,
    fetch: network.fetch,
  });
  open.push(client);
  const signIn = () =>
    must(client, "session.signIn", { userName: member.userName, password: member.password });
  await signIn();
  await must(client, "encryption.unlock", { recoveryKey: member.recoveryKey });
  await waitForView(client, "session", ({ phase }) => phase.kind === "ready", "it is in");
  await waitForView(client, "team", (view) => view.members.some((each) => each.isMe), "it knows the team");
  return { member, client, network, storage, signIn, deviceId: client.view("session")?.deviceId };
}

async function reads(
  client: ClientPort,
  title: string,
  texts: readonly string[],
  limitMs?: number,
): Promise<void> {
  const roomId = await roomOf(client, title);
  await must(client, "room.open", { roomId });
  await waitForView(
    client,
    `room:${roomId}`,
    ({ timeline }) =>
      texts.every((text) => timeline.some(({ body }) => body.kind === "message" && body.text === text)),
    `${texts.join(", ")} can be read`,
    limitMs,
  );
}

test("[P7] a server restored from a backup wipes nobody: all sign in to the same devices, read what was there, and talk on", async () => {
  const members = [
    await world.member("First Admin", ["admin"]),
    await world.member("Rio Responder", ["responder"]),
  ] as const;
  for (const { client } of members) await must(client, "session.signOut", {});
  const people = [await newDevice(members[0]), await newDevice(members[1])] as const;
  const [anna, rio] = people;
  const title = "A car in the ditch";
  await must(anna.client, "request.open", { fields: { description: title }, invite: [rio.member.userId] });
  const say = async ({ client }: { client: ClientPort }, body: string) =>
    must(client, "chat.send", { roomId: await roomOf(client, title), body });
  // What Anna's client writes before it knows that Rio's new device is signed can never be read there.
  let times = 0;
  let before = "";
  await until("Rio reads what Anna says", async () => {
    before = `before the backup, ${++times}`;
    await say(anna, before);
    return reads(rio.client, title, [before], 5_000).then(
      () => true,
      () => false,
    );
  });

  const copy = join(`${world.dir}-backup`);
  expect(operator("backup", "--dir", world.dir, "--to", copy)).toMatchObject({ ok: true });
  expect(operator("backup", "--dir", world.dir, "--to", copy).said).toMatch(/there already/);

  // Life goes on: messages, and tokens that the copy does not know.
  await say(rio, "after the backup");
  await reads(anna.client, title, ["after the backup"]);
  // A device that is new uses up keys of the others, which the copy still has.
  await say(await newDevice(members[1]), "from a new device");
  await reads(anna.client, title, ["from a new device"]);
  for (const { network } of people) network.mend();
  const refreshed = ({ network }: (typeof people)[number]) =>
    network.asked.filter((line) => line.endsWith("/refresh")).length > 1;
  await until("everybody has other tokens than the copy", async () => {
    await Promise.all(people.map(({ client }) => client.run("devices.refresh", {})));
    return people.every(refreshed);
  });

  expect(operator("restore", "--dir", world.dir, "--from", copy).said, "not while it runs").toMatch(
    /stop it/,
  );
  const { webUrl } = world.instance;
  await world.instance.stop();
  expect(operator("restore", "--dir", world.dir, "--from", copy)).toMatchObject({ ok: true });
  expect(oneTimeKeys(copy), "one-time keys in the copy").toBeGreaterThan(0);
  expect(oneTimeKeys(world.dir), "one-time keys that would be handed out again").toBe(0);
  await using _ = await startInstance({
    dir: world.dir,
    web: false,
    bots: true,
    bcryptRounds: 4,
    ports: { web: Number(new URL(webUrl).port) },
  });

  for (const { client, storage, signIn, deviceId } of people) {
    await waitForView(client, "session", ({ phase }) => phase.kind === "locked", "it locks");
    expect(client.view("requests")).toBeUndefined();
    expect(await (await storage.peek())?.rootKey.read()).toBeDefined();
    await signIn();
    await waitForView(client, "session", ({ phase }) => phase.kind === "ready", "it goes on");
    expect(client.view("session")?.deviceId).toBe(deviceId);
  }
  await reads(anna.client, title, [before]);
  await reads(rio.client, title, [before]);
  await say(anna, "said after the restore");
  await reads(rio.client, title, [before, "said after the restore"]);
  await say(rio, "and answered");
  await reads(anna.client, title, ["said after the restore", "and answered"]);
  await say(await newDevice(members[1]), "from another new device");
  await reads(anna.client, title, ["from another new device"]);
});
