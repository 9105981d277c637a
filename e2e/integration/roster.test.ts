// What admins' clients say on the roster, and how the others follow it. [P8]
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ClientPort, Views } from "@hearth/client-core/contract.ts";
import { createNodeClient, MemoryStorage } from "@hearth/client-core/node.ts";
import { RosterStatement } from "@hearth/protocol";
import { until } from "../support/server.ts";
import { typeInAdminRoom } from "../support/typist.ts";
import { signInAndUnlock } from "../support/unlock.ts";
import { confirm, must, startWorld, waitForView, type Member, type World } from "../support/world.ts";
import { stateOf } from "./support/botPeople.ts";
import { expectOk, rawClient, type RawClient } from "./support/rawClient.ts";

let world: World;
let admin: Member;
let responder: Member;
/** Another admin: invited while the first one's client is the one that was signed in at the start. */
let fay: Member;
/** Who joins by the admin's new key, in the first test. */
let newcomer: Member;
const open: ClientPort[] = [];

beforeAll(async () => {
  world = await startWorld({ web: false });
  admin = await world.member("First Admin", ["admin"]);
  responder = await world.member("Rio Responder", ["responder"]);
  fay = await world.member("Fay Forgetful", ["admin"]);
});

afterAll(async () => {
  await Promise.all(open.map((client) => client.dispose()));
  await world[Symbol.asyncDispose]();
});

/** The room of a type that this person is in. */
async function roomOfType(who: RawClient, wanted: string): Promise<string> {
  const joined = await expectOk(who.request("GET", "/_matrix/client/v3/joined_rooms"));
  for (const roomId of joined["joined_rooms"] as string[]) {
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/state/m.room.create/`;
    if ((await expectOk(who.request("GET", path)))["type"] === wanted) return roomId;
  }
  throw new Error(`no room ${wanted}`);
}

/** The roster as it lies on the server, in order. */
async function statements(): Promise<RosterStatement[]> {
  const { homeserverUrl: baseUrl, asToken, botUserId } = world.instance;
  const bot = rawClient({ baseUrl, token: asToken, userId: botUserId });
  return (await stateOf(bot, await roomOfType(bot, "org.hearth.org")))
    .filter((event) => event.type === "org.hearth.roster")
    .map((event) => RosterStatement.parse(event.content))
    .toSorted((a, b) => a.body.index - b.body.index);
}

/** A further device of somebody, unlocked with their recovery key, that has read the roster. */
async function device(member: Member, recoveryKey = member.recoveryKey): Promise<ClientPort> {
  const client = await createNodeClient({ baseUrl: world.instance.webUrl });
  open.push(client);
  await must(client, "session.signIn", { userName: member.userName, password: member.password });
  await must(client, "encryption.unlock", { recoveryKey });
  await waitForView(client, "team", (v) => v.list?.compare === false, "the roster is read");
  return client;
}

const row = ({ members }: Views["team"], userId: string) => members.find((each) => each.userId === userId);
/** The roster says of them what the org's state says, by the keys that they have. */
const isListed = (userId: string) => (view: Views["team"]) => {
  const { roster, unsigned } = row(view, userId) ?? {};
  return roster === "listed" && unsigned === undefined;
};

test("[P8] with a new recovery key an admin signs by a new key, on all their devices, and the others follow", async () => {
  const second = await device(admin);
  const before = await statements();
  const { recoveryKey } = await must(admin.client, "encryption.newRecoveryKey", { password: admin.password });
  await must(admin.client, "encryption.confirmSaved", {});
  // Joins, and is seen listed by everybody who is here: the new key counts with them.
  newcomer = await world.member("Demo Newcomer", ["responder"]);
  const after = await statements();
  const rotated = after.slice(before.length).find(({ body }) => body.kind === "rotate");
  expect(rotated?.key).toBe(before[0]?.key);
  const newKey = rotated?.body.kind === "rotate" ? rotated.body.signing_key : undefined;
  expect(after.at(-1)).toMatchObject({ key: newKey, body: { kind: "member", user: newcomer.userId } });

  // The device that was there is handed the new key by the other, once it has read of it: before, it signs nothing.
  await waitForView(second, "team", isListed(newcomer.userId), "it has read on");
  await until("it signs by the new key", async () => {
    await must(second, "role.grant", { userId: responder.userId, role: "exporter" });
    return (await statements()).length > after.length;
  });
  await waitForView(responder.client, "backup", (v) => v.state !== "none", "they have an exporter's backup");
  await must(admin.client, "session.signOut", {});
  // A new one has it from under the recovery key.
  const third = await device(admin, recoveryKey);
  await must(third, "role.revoke", { userId: responder.userId, role: "exporter" });
  await waitForView(responder.client, "backup", (v) => v.state === "none", "they have none again");
  const last = (await statements()).slice(after.length);
  expect(last.map(({ key, body }) => ({ key, ...("role" in body ? { role: body.role } : {}) }))).toEqual([
    { key: newKey, role: "exporter" },
    { key: newKey, role: "member" },
  ]);
  admin = { ...admin, recoveryKey, client: third };
});

test("[P8] a role that was typed in the admin room gives no keys until an admin has signed it, and is offered to them", async () => {
  const { client } = admin;
  const typed = (line: string) => typeInAdminRoom(world, admin, line);
  expect(await typed(`!hearth role grant @${responder.userName} admin`)).toContain("signed it");
  await waitForView(client, "team", (v) => row(v, responder.userId)?.unsigned === "admin", "it is offered");
  expect(responder.client.view("backup")).toMatchObject({ state: "none" });
  // Signed is what was shown, and nothing else.
  expect(await client.run("roster.sign", { userId: responder.userId, says: "ended" })).toMatchObject({
    ok: false,
    code: "conflict",
  });
  await must(client, "roster.sign", { userId: responder.userId, says: "admin" });
  await waitForView(responder.client, "backup", (v) => v.state !== "none", "they have an admin's backup");
  await waitForView(client, "team", isListed(responder.userId), "nothing is left to sign");
  expect((await statements()).at(-1)).toMatchObject({ body: { kind: "admin", user: responder.userId } });

  // Who is an admin now signs too; and is listed by what they sign with.
  expect(await typed(`!hearth role revoke @${newcomer.userName} responder`)).not.toContain("signed");
  await must(responder.client, "role.grant", { userId: newcomer.userId, role: "exporter" });
  const own = (await statements()).findLast(
    ({ body }) => body.kind === "admin" && body.user === responder.userId,
  );
  expect((await statements()).at(-1)?.key).toBe(own?.body.kind === "admin" ? own.body.signing_key : "");
});

test("[P8] an admin who lost everything begins anew: a member first, an admin again by a new key, and the old one is worth nothing", async () => {
  const listed = async () =>
    (await statements()).findLast(({ body }) => "user" in body && body.user === fay.userId)?.body;
  const first = await listed();
  await must(fay.client, "session.signOut", {});
  const client = await createNodeClient({ baseUrl: world.instance.webUrl });
  open.push(client);
  await must(client, "session.signIn", { userName: fay.userName, password: fay.password });
  await must(client, "encryption.reset", { password: fay.password });
  await must(client, "encryption.confirmSaved", {});
  const team = await waitForView(client, "team", (v) => v.list?.compare === true, "the code is shown");
  expect(team.list?.code).toBe(admin.client.view("team")?.list?.code);
  // On the phone with Ada: both compare, the team's code here and Fay's there.
  await must(client, "roster.believe", { code: team.list?.code ?? "" });
  await confirm(admin.client, fay.userId);
  await until("an admin again", async () => {
    const body = await listed();
    return body?.kind === "admin" && first?.kind === "admin" && body.master_key !== first.master_key;
  });
  await waitForView(client, "team", isListed(fay.userId), "and her device has read of it");
  const again = await listed();
  expect(again).toMatchObject({ kind: "admin" });
  if (first?.kind !== "admin" || again?.kind !== "admin") throw new Error("listed as an admin both times");
  expect(again.signing_key).not.toBe(first.signing_key);
  expect(again.master_key).not.toBe(first.master_key);
  await must(client, "role.revoke", { userId: newcomer.userId, role: "exporter" });
  expect((await statements()).at(-1)).toMatchObject({
    key: again.signing_key,
    body: { user: newcomer.userId, role: "member" },
  });
});

test("[P8] a device that learns at its start that its person began anew elsewhere goes on with the new key, and hears what happens", async () => {
  const storage = new MemoryStorage();
  const start = async () => {
    const client = await createNodeClient({ baseUrl: world.instance.webUrl, storage });
    open.push(client);
    return client;
  };
  const first = await start();
  await signInAndUnlock(first, responder);
  await first.dispose();
  const { recoveryKey } = await must(responder.client, "encryption.reset", { password: responder.password });
  await must(responder.client, "encryption.confirmSaved", {});

  const again = await start();
  await waitForView(again, "session", ({ phase }) => phase.kind === "setup", "asked for the new key");
  await must(again, "encryption.unlock", { recoveryKey });
  await waitForView(again, "requests", ({ loaded }) => loaded, "it has synced anew");
  await must(responder.client, "profile.save", { displayName: "Rio Responder, begun anew" });
  const renamed = (view: Views["team"]) =>
    view.members.some(({ name }) => name === "Rio Responder, begun anew");
  await waitForView(again, "team", renamed, "it hears what happens");
});
