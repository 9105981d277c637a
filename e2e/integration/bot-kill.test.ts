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
import { afterAll, beforeAll, expect, it } from "vitest";
import { CutProxy, PASS } from "../support/cutProxy.ts";
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
let colleague: RawClient;
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
  colleague = await newPerson(instance, bot, "colleague");
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

/**
 * An org's first minutes: set up, an admin joins by the operator's invite, makes another one, gives a role, changes the
 * policy; somebody opens a request. The bot is killed just before its write number `killBefore`, once.
 * @returns what there is in the end, and the writes the bot made until it was killed
 */
async function firstMinutes(orgId: string, killBefore: number): Promise<{ end: string; writes: string[] }> {
  const writes: string[] = [];
  let killed = false;
  const registrations = await openRegistrations(bot);
  await using bots = new Supervised(orgId);
  proxy.decide = ({ method, path }) => {
    if (killed || method === "GET") return PASS;
    writes.push(`${method} ${path}`);
    if (writes.length < killBefore) return PASS;
    killed = true;
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
  const request = await openRequest(colleague, orgId, instance.botUserId);
  // All commands that came before have been handled when this is answered; an invite may have come after the bot's last look.
  await ask(admin, orgRoomId, "help", { command: "help" });
  await until(
    "the request is adopted, which ends with the admin's invite",
    async () => (await membership(bot, request, admin.userId)) === "invite",
  );
  await until("the onboarding room is closed", async () => {
    const left = await Promise.all([admin, bot].map(({ userId }) => membership(bot, onboarding, userId)));
    return !left.includes("join");
  });

  const rooms = await roomsOf(bot, orgId);
  const story = await orgSnapshot(bot, orgId, rooms);
  const end = `${story}\nregistrations ${(await openRegistrations(bot)) - registrations}`;
  // The bot has as few rooms to look at in the next run as in the first.
  for (const { id } of rooms)
    await expectOk(bot.request("POST", `/_matrix/client/v3/rooms/${encodeURIComponent(id)}/leave`, {}));
  return { end, writes };
}

it(
  "[P9] killed before any of its writes, the bot comes to the same end",
  { timeout: 1_200_000 },
  async () => {
    const undisturbed = await firstMinutes("undisturbed", Number.POSITIVE_INFINITY);
    expect(undisturbed.end).toContain("org.hearth.audit");
    for (let at = 1; ; at++) {
      const { end, writes } = await firstMinutes(`killed-${at}`, at);
      if (writes.length < at) break;
      expect(end, `killed before write ${at}, ${writes.at(-1)}`).toEqual(undisturbed.end);
    }
  },
);
