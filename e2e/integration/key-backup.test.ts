import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { BackupView, ClientPort } from "@hearth/client-core/contract.ts";
import { MemoryStorage, createNodeClient } from "@hearth/client-core/node.ts";
import { backupOf as askBackup, backupSecretOf } from "../support/keyBackups.ts";
import { Rogue } from "../support/rogue.ts";
import { until } from "../support/server.ts";
import { confirm, must, roomOf, startWorld, token, waitForView } from "../support/world.ts";
import type { Member, World } from "../support/world.ts";
import { botClient, expectOk, newPerson } from "./support/rawClient.ts";
import { CuttableNetwork } from "./support/cuttableNetwork.ts";

let world: World;
let admin: Member;
const open: ClientPort[] = [];

beforeAll(async () => {
  world = await startWorld({ web: false });
  admin = await world.member("First Admin", ["admin"]);
});

afterAll(async () => {
  await Promise.all(open.map((client) => client.dispose()));
  await world?.[Symbol.asyncDispose]();
});

const backupOf = (member: Member) => askBackup(world.instance, member);

/** How many rows the device has of a backup's key and version. */
async function backupKeys(storage: MemoryStorage): Promise<number> {
  const session = await storage.peek();
  if (!session) throw new Error("nothing is stored there");
  const { indexedDB, databasePrefix } = session;
  const database = await new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(`${databasePrefix}::matrix-sdk-crypto`);
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(new Error("the crypto store can't be opened")));
  });
  const rows = database.transaction("backup_keys").objectStore("backup_keys").count();
  await new Promise((resolve) => rows.addEventListener("success", resolve));
  database.close();
  return rows.result;
}

const backupState = (client: ClientPort, state: BackupView["state"]) =>
  waitForView(client, "backup", (view) => view.state === state, `the backup to be "${state}"`);

/** The same person on a further device, which is unlocked with the recovery key. */
async function secondDevice(
  member: Member,
  storage = new MemoryStorage(),
  { fetch } = new CuttableNetwork(),
): Promise<ClientPort> {
  const client = await createNodeClient({ baseUrl: world.instance.webUrl, storage, fetch });
  open.push(client);
  await must(client, "session.signIn", { userName: member.userName, password: member.password });
  await must(client, "encryption.unlock", { recoveryKey: member.recoveryKey });
  await waitForView(client, "session", (view) => view.phase.kind === "ready", "to be unlocked");
  return client;
}

async function request(by: Member, title: string): Promise<string> {
  await must(by.client, "request.open", { fields: { description: title }, invite: [] });
  return roomOf(by.client, title);
}

/** Reads the request with this title, and the words said in it. */
async function reads(client: ClientPort, title: string, words: string): Promise<void> {
  const roomId = await roomOf(client, title);
  await must(client, "room.open", { roomId });
  await waitForView(
    client,
    `room:${roomId}`,
    (view) => view.timeline.some(({ body }) => body.kind === "message" && body.text === words),
    `to read "${words}"`,
  );
}

describe("who has a backup", () => {
  test("[P6] an admin and an exporter have one, made with the recovery key they were just shown; staff have none", async () => {
    const exporter = await world.member("Ed Exporter", ["exporter"]);
    const responder = await world.member("Rita Responder", ["responder"]);
    await backupState(admin.client, "on");
    await backupState(exporter.client, "on");
    await backupState(responder.client, "none");
    expect(await backupOf(admin)).toBeDefined();
    expect(await backupOf(exporter)).toBeDefined();
    expect(await backupOf(responder)).toBeUndefined();
  });

  test("[P6] a new device of an admin brings the keys back, and reads what was said before it was there", async () => {
    const [title, words] = [`Old request ${token()}`, `said before ${token()}`];
    const roomId = await request(admin, title);
    await must(admin.client, "chat.send", { roomId, body: words });
    await until("the room's keys are backed up", async () => ((await backupOf(admin))?.count ?? 0) > 0);
    const second = await secondDevice(admin);
    await backupState(second, "on");
    await reads(second, title, words);
  });

  test("[P3] a backup that another client made for staff is deleted, by the bot, and by their own client", async () => {
    const responder = await world.member("Rio Responder", ["responder"]);
    // No client of Hearth's of theirs is left to notice.
    await must(responder.client, "session.signOut", {});
    await using rogue = await Rogue.signIn(world.instance.homeserverUrl, responder);
    await rogue.signDevice();

    await rogue.makeBackup();
    expect(await backupOf(responder)).toBeDefined();
    // The bot looks at everybody when it starts, and then once an hour.
    await world.instance.stopBots();
    await world.instance.startBots();
    await until("the bot has deleted it", async () => (await backupOf(responder)) === undefined);

    await world.instance.stopBots();
    await rogue.makeBackup();
    expect(await backupOf(responder)).toBeDefined();
    const network = new CuttableNetwork();
    const second = await secondDevice(responder, undefined, network);
    await backupState(second, "none");
    await until("their client has deleted it", async () => (await backupOf(responder)) === undefined);
    // Though that backup was signed by their own identity, the client never put a key into it, nor took one.
    const asked = network.asked.filter((line) => line.includes("/room_keys/"));
    expect(asked.some((line) => line.startsWith("DELETE"))).toBe(true);
    expect(asked.map((line) => line.replace(/version\/\d+$/, "version/n"))).toSatisfy((lines: string[]) =>
      lines.every((line) => /^(GET \S+\/version|DELETE \S+\/version\/n)$/.test(line)),
    );
    await world.instance.startBots();
    expect(await second.run("encryption.turnOnBackup", responder)).toMatchObject({
      code: "refused",
    });
  });
});

describe("changing roles", () => {
  test("[P3] [P6] gaining the role asks for the recovery key once, losing it takes the key from every device at once", async () => {
    const storage = [new MemoryStorage(), new MemoryStorage()] as const;
    const member = await world.member("Remy Responder", ["responder"]);
    const first = await secondDevice(member, storage[0]);
    const second = await secondDevice(member, storage[1]);
    await backupState(first, "none");
    await backupState(second, "none");
    expect(await Promise.all(storage.map(backupKeys))).toEqual([0, 0]);

    await must(admin.client, "role.grant", { userId: member.userId, role: "exporter" });
    await backupState(first, "needs_recovery_key");
    await backupState(second, "needs_recovery_key");
    // Nothing is uploaded before the key is safe.
    expect(await backupOf(member)).toBeUndefined();
    const wrong = await first.run("encryption.turnOnBackup", { recoveryKey: admin.recoveryKey });
    expect(wrong).toMatchObject({ ok: false, code: "wrong_recovery_key" });
    await must(first, "encryption.turnOnBackup", { recoveryKey: member.recoveryKey });
    await backupState(first, "on");
    expect(await backupOf(member)).toBeDefined();
    // The first device hands the key to the second, which is signed by the same person.
    await backupState(second, "on");
    for (const each of storage) expect(await backupKeys(each)).toBeGreaterThan(0);

    await must(admin.client, "role.revoke", { userId: member.userId, role: "exporter" });
    await backupState(first, "none");
    await backupState(second, "none");
    await until("the backup is gone", async () => (await backupOf(member)) === undefined);
    expect(await Promise.all(storage.map(backupKeys))).toEqual([0, 0]);
    await until(
      "its key is gone from secret storage",
      async () => (await backupSecretOf(world.instance, member)) === undefined,
    );
  });

  test("[P3] a device that was away when the role was lost forgets the key at its next start", async () => {
    const storage = new MemoryStorage();
    const member = await world.member("Abel Away", ["admin"]);
    const device = await secondDevice(member, storage);
    await backupState(device, "on");
    await device.dispose();
    await must(admin.client, "role.revoke", { userId: member.userId, role: "admin" });
    await until("the backup is gone", async () => (await backupOf(member)) === undefined);
    expect(await backupKeys(storage)).toBeGreaterThan(0);
    const again = await createNodeClient({ baseUrl: world.instance.webUrl, storage });
    open.push(again);
    await backupState(again, "none");
    expect(await backupKeys(storage)).toBe(0);
    expect(await backupOf(member)).toBeUndefined();
  });
});

test("[P6] a single key is stored and found through the proxy, also one whose id has slashes", async () => {
  const { instance } = world;
  const person = await newPerson(instance, botClient(instance), "somebody-else");
  const { request } = person.at(instance.webUrl);
  const keys = "/_matrix/client/v3/room_keys";
  const made = { algorithm: "m.megolm_backup.v1.curve25519-aes-sha2", auth_data: { public_key: "abc" } };
  const { version } = await expectOk(request("POST", `${keys}/version`, made));
  const about = { first_message_index: 0, forwarded_count: 0, is_verified: true };
  // Half of all ids are like the second.
  for (const id of ["a".repeat(43), `/${"b".repeat(20)}+/${"b".repeat(19)}/`]) {
    const path = `${keys}/keys/${encodeURIComponent("!room")}/${encodeURIComponent(id)}?version=${String(version)}`;
    expect(await request("GET", path)).toMatchObject({ status: 404, errcode: "M_NOT_FOUND" });
    await expectOk(request("PUT", path, { ...about, session_data: { ciphertext: id } }));
    expect(await expectOk(request("GET", path))).toEqual({ ...about, session_data: { ciphertext: id } });
  }
});

describe("recovery", () => {
  test("[P6] a new recovery key takes the backup along, and the old one opens it no more", async () => {
    const member = await world.member("Nell Newkey", ["exporter"]);
    await backupState(member.client, "on");
    const before = await backupOf(member);
    const { recoveryKey } = await must(member.client, "encryption.newRecoveryKey", {
      password: member.password,
    });
    await must(member.client, "encryption.confirmSaved", {});
    const second = await secondDevice({ ...member, recoveryKey });
    await backupState(second, "on");
    expect((await backupOf(member))?.version).toBe(before?.version);
  });

  test("[P6] without the recovery key an admin begins anew: another backup, under the new key", async () => {
    const member = await world.member("Fay Forgetful", ["admin"]);
    await backupState(member.client, "on");
    const before = await backupOf(member);
    await must(member.client, "session.signOut", {});
    const client = await createNodeClient({ baseUrl: world.instance.webUrl });
    open.push(client);
    await must(client, "session.signIn", { userName: member.userName, password: member.password });
    await must(client, "encryption.reset", { password: member.password });
    await must(client, "encryption.confirmSaved", {});
    // That it is still them is for another admin to say, who reads them the team's code when they are on the phone.
    await confirm(admin.client, member.userId);
    await waitForView(client, "team", (v) => v.list?.compare === true, "to be asked for the team's code");
    await must(client, "roster.believe", { code: admin.client.view("team")?.list?.code ?? "" });
    await backupState(client, "on");
    expect((await backupOf(member))?.version).not.toBe(before?.version);
  });

  test("staff on a new device are told from when on it can read, until they have read it", async () => {
    const member = await world.member("Rosa Responder", ["responder"]);
    expect((await backupState(member.client, "none")) as object).not.toHaveProperty("unreadableBefore");
    const second = await secondDevice(member);
    const view = await backupState(second, "none");
    expect(view.state === "none" && view.unreadableBefore).toBeTypeOf("number");
    await must(second, "encryption.dismissNotice", {});
    expect(second.view("backup")).toEqual({ state: "none" });
  });
});
