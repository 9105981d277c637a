// Three real kills: of a bot's own process, in front of a real Synapse, in the middle of what takes more than one write.
// That it comes to the same end after each of its writes, in every command, is held in bots/src/killed.test.ts over a
// homeserver in memory; here it is the process, its start, and what Synapse makes of a request whose sender is gone.
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createFirstAdminInvite } from "@hearth/bots";
import { freePorts, startInstance } from "@hearth/tools";
import type { Instance } from "@hearth/tools";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CutProxy, PASS, type Seen } from "../support/cutProxy.ts";
import { until } from "../support/server.ts";
import { openRegistrations, orgSnapshot, roomsOf } from "./support/botSnapshot.ts";
import { ask, command, joinByLink, membership, newId, newSecret, openRequest } from "./support/botPeople.ts";
import { botClient, expectOk, newPerson } from "./support/rawClient.ts";
import type { RawClient } from "./support/rawClient.ts";

const main = join(import.meta.dirname, "../../bots/src/main.ts");

let dir: string;
let instance: Instance;
let proxy: CutProxy;
let bot: RawClient;
let admin: RawClient;
let undisturbed: string;
let port: number;
let hsToken: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "hearth-kill-"));
  // Between two lives of the bot nobody listens there, and nobody else may get it.
  port = (await freePorts(1))[0] ?? 0;
  instance = await startInstance({
    dir,
    web: false,
    bots: false,
    bcryptRounds: 4,
    ports: { appservice: port },
  });
  hsToken = await readFile(join(dir, "secrets", "hs_token"), "utf8");
  await fillCompileCache();
  proxy = await CutProxy.open(instance.homeserverUrl);
  bot = botClient(instance);
  admin = await newPerson(instance, bot, "admin");
  undisturbed = (await firstMinutes("undisturbed")).end;
});

afterAll(async () => {
  await proxy?.[Symbol.asyncDispose]();
  await instance?.stop();
  await rm(dir, { recursive: true, force: true });
});

const compileCache = () => ({ NODE_COMPILE_CACHE: join(dir, "compile-cache") });

/** Node keeps what it compiled when a process ends by itself, which killed bots never do: these have no settings. */
async function fillCompileCache(): Promise<void> {
  const child = spawn(process.execPath, [main], {
    stdio: "ignore",
    env: { PATH: process.env["PATH"], ...compileCache() },
  });
  await once(child, "exit");
}

/** Bots that are started again whenever they end, as an init system would. */
class Supervised implements AsyncDisposable {
  readonly ready: Promise<{ orgRoomId: string; adminRoomId: string }>;
  #child: ChildProcess | undefined;
  #stopping = false;

  constructor(orgId: string) {
    const { promise, resolve } = Promise.withResolvers<{ orgRoomId: string; adminRoomId: string }>();
    this.ready = promise;
    this.#start(orgId, resolve);
  }

  kill(): void {
    this.#child?.kill("SIGKILL");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping = true;
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  }

  #start(orgId: string, onReady: (rooms: { orgRoomId: string; adminRoomId: string }) => void): void {
    const child = spawn(process.execPath, ["--disable-warning=DEP0060", main], {
      stdio: ["pipe", "pipe", "ignore"],
      env: {
        ...process.env,
        HEARTH_HOMESERVER_URL: proxy.origin,
        HEARTH_SERVER_NAME: instance.serverName,
        HEARTH_AS_TOKEN: instance.asToken,
        HEARTH_HS_TOKEN: hsToken,
        HEARTH_AS_PORT: String(port),
        HEARTH_ORG_ID: orgId,
        HEARTH_ORG_NAME: "An org",
        HEARTH_WEB_URL: instance.webUrl,
        HEARTH_STOP_WITH_STDIN: "1",
        ...compileCache(),
      },
    });
    this.#child = child;
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (line.startsWith('{"ready":true'))
        onReady(JSON.parse(line) as { orgRoomId: string; adminRoomId: string });
    });
    child.once("exit", () => {
      if (!this.#stopping) this.#start(orgId, onReady);
    });
  }
}

/** Whether the bot is killed before this write. @param request the room that the colleague made, once it is there */
type Fatal = (seen: Seen, request: string) => boolean;

/**
 * An org's first minutes: set up, an admin joins by the operator's invite, makes another one, gives a role, changes the
 * policy; somebody opens a request, and is removed.
 * @returns what there is in the end, and the write that the bot was killed before
 */
async function firstMinutes(orgId: string, fatal: Fatal = () => false) {
  // Their account ends with the story.
  const colleague = await newPerson(instance, bot, `colleague-${orgId}`);
  let request = "";
  let killed: string | undefined;
  const registrations = await openRegistrations(bot);
  await using bots = new Supervised(orgId);
  proxy.decide = (seen) => {
    if (killed !== undefined || seen.method === "GET") return PASS;
    if (!fatal({ ...seen, path: decodeURIComponent(seen.path) }, request)) return PASS;
    killed = `${seen.method} ${seen.path}`;
    bots.kill();
    return { kind: "cut" };
  };

  const { orgRoomId, adminRoomId } = await bots.ready;
  // A member of long standing, whom the bot finds: one way of joining is enough for a story told this often.
  const member = { v: 1, joined_at: 1_700_000_000_000, roles: [] };
  await expectOk(bot.send(orgRoomId, "org.hearth.member", member, colleague.userId.slice(1)));
  const { link } = await createFirstAdminInvite({ ...instance, orgId });
  const onboarding = await joinByLink(admin, link);
  await expectOk(admin.join(adminRoomId));
  const { secret_hash } = newSecret();
  await ask(admin, adminRoomId, "invite create", { invite: newId(), secret_hash, roles: ["responder"] });
  await command(admin, orgRoomId, "role grant", { user: colleague.userId, role: "dispatcher" });
  await command(admin, orgRoomId, "policy set", { retention: "P60D" });
  request = await openRequest(colleague, orgId, instance.botUserId);
  await command(admin, orgRoomId, "help", { command: "help" });
  await until(
    "the request is adopted, which ends with the admin's invite",
    async () => (await membership(bot, request, admin.userId)) === "invite",
  );
  // All commands that came before have been handled when this is answered.
  expect(await ask(admin, orgRoomId, "member remove", { user: colleague.userId })).toMatchObject({
    ok: true,
  });
  await until("the onboarding room is closed", async () => {
    const left = await Promise.all([admin, bot].map(({ userId }) => membership(bot, onboarding, userId)));
    return !left.includes("join");
  });

  const rooms = await roomsOf(bot, orgId);
  const story = await orgSnapshot(bot, orgId, rooms);
  const ended = await expectOk(bot.request("GET", `/_synapse/admin/v2/users/${colleague.userId}`));
  const end = [
    story.replaceAll(`colleague-${orgId}`, "colleague").replaceAll("colleague-ORG", "colleague"),
    `registrations ${(await openRegistrations(bot)) - registrations}`,
    `the colleague's account has ended: ${String(ended["deactivated"])}`,
  ].join("\n");
  // The bot has as few rooms to look at in the next run as in the first.
  for (const { id } of rooms)
    await expectOk(bot.request("POST", `/_matrix/client/v3/rooms/${encodeURIComponent(id)}/leave`, {}));
  return { end, killed };
}

async function expectSameEnd(orgId: string, fatal: Fatal): Promise<void> {
  const { end, killed } = await firstMinutes(orgId, fatal);
  expect(killed, "the bot was killed").toBeDefined();
  expect(end, `killed before ${killed}`).toEqual(undisturbed);
}

describe("[P9] killed and started again, the bot comes to the same end", () => {
  it("as if nobody had killed it, which is not nothing", () => {
    expect(undisturbed).toContain("org.hearth.audit");
    expect(undisturbed).toContain("the colleague's account has ended: true");
  });

  // Proves that a process which finds half an org makes the other half, and not a second one. The org room has its state
  // by then; the admin room is not there yet. Nobody else has written anything: Synapse's rooms are all that it can go by.
  it("in the middle of setting up", async () => {
    let made = 0;
    await expectSameEnd("killed-in-setup", ({ path }) => path.endsWith("/createRoom") && (made += 1) === 2);
  });

  // Proves that what Synapse itself keeps (the room's audit entry, the invite's state, the registration token that is
  // withdrawn) is enough to go by: the invite is used up and the newcomer is no member. A bot that judged the command
  // anew would refuse them for good.
  it("in the middle of an invite's acceptance", async () => {
    const member = `/state/org.hearth.member/${admin.userId.slice(1)}`;
    await expectSameEnd("killed-in-accept", ({ path }) => path.endsWith(member));
  });

  // Proves the same of what the bot does in somebody's name: it has signed in as the one who is removed, to leave the
  // room that they made, and that sign-in is never ended. They are no member by then, and their account is still there.
  it("in the middle of a member's removal", async () => {
    await expectSameEnd("killed-in-removal", ({ path }, request) => path.endsWith(`/${request}/leave`));
  });
});
