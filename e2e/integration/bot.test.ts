import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createFirstAdminInvite } from "@hearth/bots";
import { startInstance } from "@hearth/tools";
import type { Instance } from "@hearth/tools";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { devicesOf, until } from "../support/server.ts";
import {
  answersTo,
  ask,
  command,
  answerTo,
  joinByLink,
  membership,
  newId,
  newSecret,
  openOnboarding,
  openRequest,
  stateContent,
  stateOf,
  timeline,
  type,
} from "./support/botPeople.ts";
import type { BotAnswer } from "./support/botPeople.ts";
import { botClient, expectOk, newPerson } from "./support/rawClient.ts";
import type { RawClient } from "./support/rawClient.ts";

let dir: string;
let instance: Instance;
let bot: RawClient;
let admin: RawClient;
let dispatcher: RawClient;
let responder: RawClient;
let orgRoom: string;
let adminRoom: string;
let requestRoom: string;

/** Invites somebody by an admin's command, and has them join. */
async function invite(who: RawClient, roles: string[]): Promise<void> {
  const { linkSecret, secret_hash } = newSecret();
  const answer = await ask(admin, adminRoom, "invite create", { invite: newId(), secret_hash, roles });
  const link = new URLSearchParams({
    org: instance.orgId,
    bot: instance.botUserId,
    invite: String(answer.data?.["invite"]),
    token: String(answer.data?.["token"]),
    roster: "new",
    secret: linkSecret,
  });
  await joinByLink(who, `#${link}`);
}

const member = (who: RawClient) => stateContent(bot, orgRoom, "org.hearth.member", who.userId.slice(1));
const audits = async () =>
  (await timeline(bot, orgRoom))
    .filter((event) => event.type === "org.hearth.audit")
    .map(({ content }) => content as { actor: string; name: string; args: Record<string, unknown> });

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "hearth-bot-"));
  instance = await startInstance({ dir, web: false, bots: true, bcryptRounds: 4 });
  bot = botClient(instance);
  orgRoom = instance.orgRoomId;
  adminRoom = instance.adminRoomId;
  admin = await newPerson(instance, bot, "admin");
  dispatcher = await newPerson(instance, bot, "dispatcher");
  responder = await newPerson(instance, bot, "responder");
  const { link } = await createFirstAdminInvite(instance);
  await joinByLink(admin, link);
  await expectOk(admin.join(adminRoom));
  await invite(dispatcher, ["dispatcher"]);
  await invite(responder, ["responder"]);
  requestRoom = await openRequest(dispatcher, instance.orgId, instance.botUserId);
});

afterAll(async () => {
  await instance?.stop();
  await rm(dir, { recursive: true, force: true });
});

describe("the bot", () => {
  it("[P2] has no device and no keys, and loads no crypto library", async () => {
    expect(await devicesOf(instance, instance.botUserId)).toEqual([]);
    const keys = await expectOk(
      admin.request("POST", "/_matrix/client/v3/keys/query", { device_keys: { [instance.botUserId]: [] } }),
    );
    expect(keys["device_keys"]).toEqual({ [instance.botUserId]: {} });
    for (const kind of ["master_keys", "self_signing_keys", "user_signing_keys"])
      expect(keys[kind] ?? {}).not.toHaveProperty(instance.botUserId);

    // The bot's code loaded into a process of its own, which then says what it has of crypto.
    const look = `
      import { createRequire } from "node:module";
      await import("@hearth/bots");
      const fromSdk = createRequire(import.meta.resolve("matrix-bot-sdk"));
      const path = fromSdk.resolve("@matrix-org/matrix-sdk-crypto-nodejs");
      const loaded = process.report.getReport().sharedObjects.filter((name) => name.endsWith(".node"));
      console.log(JSON.stringify({ path, exports: Object.keys(fromSdk(path)), loaded }));
    `;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", look], {
      cwd: join(import.meta.dirname, "../../bots"),
    });
    expect(JSON.parse(stdout)).toEqual({
      path: expect.stringMatching(/no-crypto.index\.cjs$/),
      exports: [],
      loaded: [],
    });
  });

  it("set up again, changes nothing, and keeps what an admin changed", async () => {
    const names = async () =>
      (await stateOf(bot, orgRoom)).map(({ event_id, type: of, state_key }) => [of, state_key, event_id]);
    const joined = async () =>
      (await expectOk(bot.request("GET", "/_matrix/client/v3/joined_rooms")))["joined_rooms"] as string[];
    expect(await ask(admin, orgRoom, "policy set", { name: "Renamed" })).toMatchObject({ ok: true });
    // What goes on from the beginning: it joins the request, and leaves the rooms of those who have arrived.
    await until(
      "it is in the org's, the admins', the map's and the request's room, and in no other",
      async () => {
        const now = await joined();
        return now.length === 4 && now.includes(requestRoom);
      },
    );
    const before = await names();
    const rooms = await joined();
    await instance.startBots();
    expect(await ask(admin, orgRoom, "policy show", {})).toMatchObject({
      ok: true,
      data: { name: "Renamed" },
    });
    expect(await names()).toEqual(before);
    expect((await joined()).toSorted()).toEqual(rooms.toSorted());
    expect([instance.orgRoomId, instance.adminRoomId]).toEqual([orgRoom, adminRoom]);
  });

  it("answers each command once, also one that came while it was away", async () => {
    await instance.stopBots("SIGKILL");
    const id = newId();
    const sent = await command(
      admin,
      orgRoom,
      "role grant",
      { user: responder.userId, role: "exporter" },
      id,
    );
    const again = await command(
      admin,
      orgRoom,
      "role grant",
      { user: responder.userId, role: "exporter" },
      id,
    );
    await instance.startBots();
    expect((await answerTo(admin, orgRoom, again)).content).toMatchObject({ ok: true, command_id: id });
    await instance.startBots();
    await ask(admin, orgRoom, "help", {});
    expect(await answersTo(admin, orgRoom, sent)).toHaveLength(1);
    expect(await answersTo(admin, orgRoom, again)).toHaveLength(1);
    expect(
      (await timeline(bot, orgRoom)).filter(
        ({ content }) => content["command_id"] === id && "actor" in content,
      ),
    ).toHaveLength(1);
    expect((await member(responder))?.["roles"]).toEqual([
      expect.objectContaining({ role: "responder" }),
      expect.objectContaining({ role: "exporter" }),
    ]);
  });

  it("[P9] refuses what is unknown, malformed, in the wrong room or not permitted, and changes nothing", async () => {
    const ids = async () => (await stateOf(bot, orgRoom)).map(({ event_id }) => event_id);
    const before = await ids();
    const audited = (await audits()).length;
    const grant = { user: responder.userId, role: "admin" };
    expect(await ask(admin, orgRoom, "fly", {})).toMatchObject({ ok: false, code: "unknown_command" });
    expect(await ask(admin, orgRoom, "role grant", { user: "sam" })).toMatchObject({
      ok: false,
      code: "bad_arguments",
    });
    expect(
      await ask(admin, orgRoom, "invite accept", { invite: newId(), secret: newSecret().secret }),
    ).toMatchObject({ ok: false, code: "wrong_room" });
    expect(await ask(responder, orgRoom, "role grant", grant)).toMatchObject({
      ok: false,
      code: "not_permitted",
    });
    expect(await ask(dispatcher, orgRoom, "policy set", { name: "Mine" })).toMatchObject({
      ok: false,
      code: "not_permitted",
    });
    expect(await ask(dispatcher, orgRoom, "member remove", { user: admin.userId })).toMatchObject({
      ok: false,
      code: "not_permitted",
    });
    expect(await ask(admin, orgRoom, "policy set", { key_window: "P365D" })).toMatchObject({
      ok: false,
      code: "bad_arguments",
      message: expect.stringContaining("shorter than retention"),
    });
    // This one is not started for a trial, as the worlds of other tests are.
    expect(await ask(admin, orgRoom, "policy set", { lease: "PT1S" })).toMatchObject({
      ok: false,
      code: "bad_arguments",
      message: expect.stringContaining("lease must be PT1H or longer"),
    });
    expect(await ask(admin, orgRoom, "role revoke", { user: admin.userId, role: "admin" })).toMatchObject({
      ok: false,
      code: "last_admin",
    });
    expect(await ask(admin, orgRoom, "member remove", { user: admin.userId })).toMatchObject({
      ok: false,
      code: "last_admin",
    });
    expect(await ids()).toEqual(before);
    expect(await audits()).toHaveLength(audited);
  });

  it("[P9] leaves an audit entry of each change, without secrets", async () => {
    const all = await audits();
    expect(all.map(({ name }) => name)).toEqual(expect.arrayContaining(["invite create", "invite accept"]));
    const accepted = all.find(({ name, actor }) => name === "invite accept" && actor === responder.userId);
    expect(Object.keys(accepted?.args ?? {})).toEqual(["invite"]);
    await ask(admin, orgRoom, "policy set", { lease: "PT48H" });
    expect((await audits()).at(-1)).toMatchObject({
      actor: admin.userId,
      name: "policy set",
      args: { lease: "PT48H" },
    });
  });
});

describe("an invite", () => {
  it("lets one person in, once; a wrong secret a few times, and then not even ask", async () => {
    const { secret, secret_hash } = newSecret();
    const id = newId();
    await ask(admin, adminRoom, "invite create", { invite: id, secret_hash, roles: ["responder"] });
    const guesser = await newPerson(instance, bot, "guesser");
    const room = await openOnboarding(guesser, instance.orgId, instance.botUserId);
    for (let i = 0; i < 4; i++)
      expect(
        await ask(guesser, room, "invite accept", { invite: id, secret: newSecret().secret }),
      ).toMatchObject({ code: "wrong_secret" });
    await command(guesser, room, "invite accept", { invite: id, secret: newSecret().secret });
    await until("the bot has left", async () => (await membership(bot, room, instance.botUserId)) !== "join");
    expect(await member(guesser)).toBeUndefined();

    const [first, second] = [
      await newPerson(instance, bot, "first"),
      await newPerson(instance, bot, "second"),
    ];
    const rooms = await Promise.all(
      [first, second].map((who) => openOnboarding(who, instance.orgId, instance.botUserId)),
    );
    const answers = await Promise.all(
      [first, second].map((who, i) => ask(who, rooms[i] ?? "", "invite accept", { invite: id, secret })),
    );
    expect(new Set(answers.map(({ ok, code }) => code ?? ok))).toEqual(new Set(["conflict", true]));
    const members = await Promise.all([first, second].map(member));
    expect(members.filter((each) => each !== undefined)).toHaveLength(1);
  });

  it("that was withdrawn or has run out is of no use, and its registration token neither", async () => {
    const { secret, secret_hash } = newSecret();
    const [withdrawn, short] = [newId(), newId()];
    const made = await ask(admin, orgRoom, "invite create", { invite: withdrawn, secret_hash, roles: [] });
    const validity = async () => {
      const path = `/_matrix/client/v1/register/m.login.registration_token/validity?token=${String(made.data?.["token"])}`;
      return (await expectOk(bot.request("GET", path)))["valid"];
    };
    expect(await validity()).toBe(true);
    expect(await ask(admin, orgRoom, "invite revoke", { invite: withdrawn })).toMatchObject({ ok: true });
    expect(await validity()).toBe(false);
    // One that has run out by the time at which the bot comes to it is not made: then it is to last longer.
    let brief: BotAnswer | undefined;
    for (let seconds = 1; brief?.ok !== true; seconds *= 2) {
      expect(brief?.code ?? "expired").toBe("expired");
      const expires_in = `PT${seconds}S`;
      brief = await ask(admin, orgRoom, "invite create", {
        invite: short,
        secret_hash,
        roles: [],
        expires_in,
      });
    }
    const expires_at = Number(brief.data?.["expires_at"]);
    const late = await newPerson(instance, bot, "late");
    const room = await openOnboarding(late, instance.orgId, instance.botUserId);
    expect(await ask(late, room, "invite accept", { invite: withdrawn, secret })).toMatchObject({
      code: "expired",
    });
    await until("it has run out", () => Promise.resolve(Date.now() > expires_at));
    expect(await ask(late, room, "invite accept", { invite: short, secret })).toMatchObject({
      code: "expired",
    });
    const list = await ask(admin, orgRoom, "invite list", {});
    expect(list.data?.["invites"]).toContainEqual(
      expect.objectContaining({ invite: withdrawn, status: "revoked" }),
    );
    expect(JSON.stringify(list)).not.toContain(secret_hash);
  });

  it("is answered by the onboarding room's end when the newcomer has arrived", async () => {
    const newcomer = await newPerson(instance, bot, "newcomer");
    const { link } = await createFirstAdminInvite({ ...instance, force: true });
    const room = await joinByLink(newcomer, link);
    for (const each of [newcomer.userId, instance.botUserId])
      await until(`${each} has left`, async () => (await membership(bot, room, each)) !== "join");
    await expect(createFirstAdminInvite(instance)).rejects.toThrow("admin already");
    expect(await ask(admin, orgRoom, "member remove", { user: newcomer.userId })).toMatchObject({ ok: true });
  });
});

describe("commands typed in the admin room", () => {
  it("do the same, and answer in words", async () => {
    expect(await type(admin, adminRoom, "!hearth help")).toContain("!hearth role grant");
    expect(await type(admin, adminRoom, "!hearth rloe grant @responder dispatcher")).toContain("no command");
    expect(await type(admin, adminRoom, "!hearth role grant @dispatcher exporter")).toContain("exporter");
    expect(JSON.stringify((await member(dispatcher))?.["roles"])).toContain("exporter");
    const said = await type(admin, adminRoom, "!hearth invite create responder");
    const link = said.split("\n").find((line) => line.includes("/join/#"));
    expect(link?.startsWith(instance.webUrl)).toBe(true);
    const typed = await newPerson(instance, bot, "typed");
    await joinByLink(typed, link ?? "");
    expect(await member(typed)).toMatchObject({ roles: [{ role: "responder" }] });
  });
});

describe("a request room", () => {
  const powers = async () =>
    (await stateContent(bot, requestRoom, "m.room.power_levels", ""))?.["users"] as Record<string, number>;

  it("is adopted: the bot joins, invites admins, and gives powers, never to its maker", async () => {
    await until("adoption", async () => (await membership(bot, requestRoom, admin.userId)) === "invite");
    expect(await membership(bot, requestRoom, instance.botUserId)).toBe("join");
    expect(await powers()).toMatchObject({ [admin.userId]: 50 });
    expect(await powers()).not.toHaveProperty(dispatcher.userId);
  });

  it("follows roles: an admin more is invited there and to the admin room, and loses it again", async () => {
    await ask(admin, orgRoom, "role grant", { user: responder.userId, role: "admin" });
    expect(await membership(bot, requestRoom, responder.userId)).toBe("invite");
    expect(await membership(bot, adminRoom, responder.userId)).toBe("invite");
    expect(await powers()).toMatchObject({ [responder.userId]: 50 });
    await expectOk(responder.join(adminRoom));
    await ask(admin, orgRoom, "role revoke", { user: responder.userId, role: "admin" });
    expect(await membership(bot, adminRoom, responder.userId)).toBe("leave");
    expect(await powers()).not.toHaveProperty(responder.userId);
  });

  it("of somebody who is no member is declined", async () => {
    const stranger = await newPerson(instance, bot, "stranger");
    const room = await openRequest(stranger, instance.orgId, instance.botUserId);
    const foreign = await openRequest(dispatcher, "another-org", instance.botUserId);
    for (const each of [room, foreign])
      await until("declined", async () => (await membership(bot, each, instance.botUserId)) === "leave");
  });

  it("loses a member who is removed, its maker too, whose account then ends", async () => {
    expect(await ask(admin, orgRoom, "member remove", { user: dispatcher.userId })).toMatchObject({
      ok: true,
    });
    expect(await membership(bot, requestRoom, dispatcher.userId)).toBe("leave");
    expect(await membership(bot, orgRoom, dispatcher.userId)).toBe("leave");
    const left = await member(dispatcher);
    expect(left?.["left_at"]).toEqual(expect.any(Number));
    expect(left?.["roles"]).toEqual([
      expect.objectContaining({ role: "dispatcher", to: left?.["left_at"] }),
      expect.objectContaining({ role: "exporter", to: left?.["left_at"] }),
    ]);
    const account = await expectOk(
      bot.request("GET", `/_synapse/admin/v2/users/${encodeURIComponent(dispatcher.userId)}`),
    );
    expect(account["deactivated"]).toBe(true);
    expect(await membership(bot, requestRoom, instance.botUserId)).toBe("join");
  });
});
