import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ClientPort } from "@hearth/client-core/contract.ts";
import { MemoryStorage, createNodeClient } from "@hearth/client-core/node.ts";
import { deleteDevice, lockAccount, resetPassword, until } from "../support/server.ts";
import { must, roomOf, startWorld, waitForView } from "../support/world.ts";
import type { Member, World } from "../support/world.ts";

/** One device goes through everything that is not a wipe, one after the other: what it read first it still reads last. */

type Answer = (request: { method: string; path: string }) => Response | undefined;

const storage = new MemoryStorage();
const read: string[] = [];
let world: World;
let admin: Member;
let member: Member;
let client: ClientPort;
let deviceId: string;
let roomId: string;
/** Somebody on the way, who may answer in the server's place. */
let onTheWay: Answer = () => undefined;
/** What the device sends as its token, in place of the one that it has. */
let sentToken: string | undefined;
let answered = 0;
let refreshToken = "";

beforeAll(async () => {
  world = await startWorld({ web: false });
  admin = await world.member("First Admin", ["admin"]);
  member = await world.member("Rio Responder", ["responder"]);
  await must(member.client, "session.signOut", {});
  await start();
  await must(client, "session.signIn", { userName: member.userName, password: member.password });
  await must(client, "encryption.unlock", { recoveryKey: member.recoveryKey });
  deviceId = client.view("session")?.deviceId ?? "";
  await must(admin.client, "request.open", { fields: { description: "A fall" }, invite: [member.userId] });
  roomId = await roomOf(client, "A fall");
  await hears("said before anything happened");
});

afterAll(async () => {
  await client.dispose();
  await world[Symbol.asyncDispose]();
});

async function start(): Promise<void> {
  client = await createNodeClient({
    baseUrl: world.instance.webUrl,
    storage,
    fetch: async (url, init) => {
      const path = new URL(url).pathname;
      const answer = onTheWay({ method: init?.method ?? "GET", path });
      if (answer) {
        answered += 1;
        return answer;
      }
      const headers = new Headers(init?.headers);
      if (sentToken !== undefined && headers.has("authorization"))
        headers.set("authorization", `Bearer ${sentToken}`);
      const response = await fetch(url, { ...init, headers });
      if (response.ok && /\/v3\/(login|refresh)$/.test(path))
        refreshToken = ((await response.clone().json()) as { refresh_token: string }).refresh_token;
      return response;
    },
  });
}

async function restart(): Promise<void> {
  await client.dispose();
  await start();
}

/**
 * A new message of the admin's can be read, and so can everything that was ever read. It is said again until then: the
 * admin's client gives a device that was away no keys before it has heard that it is back.
 */
async function hears(words: string): Promise<void> {
  await must(client, "room.open", { roomId });
  const texts = (view: {
    timeline: readonly { body: { kind: string; text?: string | undefined } | { kind: string } }[];
  }) => view.timeline.map(({ body }) => ("text" in body ? body.text : undefined));
  const canRead = (all: readonly string[], limitMs?: number) =>
    waitForView(
      client,
      `room:${roomId}`,
      (view) => all.every((each) => texts(view).includes(each)),
      `${all.join(", ")} can be read`,
      limitMs,
    );
  let times = 0;
  await until(`"${words}" is heard`, async () => {
    const body = `${words}, ${++times}`;
    await must(admin.client, "chat.send", { roomId: await roomOf(admin.client, "A fall"), body });
    return canRead([body], 5_000).then(
      () => read.push(body) > 0,
      () => false,
    );
  });
  await canRead(read);
}

const phase = () => client.view("session")?.phase.kind;

async function keysAreThere(): Promise<void> {
  expect(await (await storage.peek())?.rootKey.read()).toBeDefined();
}

async function isLocked(): Promise<void> {
  await waitForView(client, "session", (view) => view.phase.kind === "locked", "it locks");
  for (const slice of ["org", "team", "requests", `room:${roomId}`] as const)
    expect(client.view(slice), `the view ${slice}`).toBeUndefined();
  await keysAreThere();
}

/** Makes the client ask for something, so that it hears what there is to hear. */
const nudge = () => client.run("devices.refresh", {});

const json = (status: number, body: unknown) =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });
const unknownToken = (soft_logout: boolean) =>
  json(401, { errcode: "M_UNKNOWN_TOKEN", error: "Unrecognised access token", soft_logout });
/** Answers the first request that is like this, and no other one. */
function once(like: RegExp, answer: () => Response): void {
  onTheWay = ({ path }) => {
    if (!like.test(path)) return undefined;
    onTheWay = () => undefined;
    return answer();
  };
}

describe("[P7] locks, and destroys nothing", () => {
  type Strike = {
    readonly what: string;
    strike(): Promise<void> | void;
    /** Before the person signs in again. */
    mend?(): Promise<void> | void;
  };
  const strikes: readonly Strike[] = [
    {
      what: "a device deleted at the server",
      strike: () => deleteDevice(world.instance, member.userId, deviceId),
    },
    {
      what: "a password reset that ends all sessions",
      strike: () => resetPassword(world.instance, member.userId, member.password),
    },
    {
      what: "a token that the server never gave",
      strike: () => void (sentToken = "syt_garbage"),
      mend: () => void (sentToken = undefined),
    },
    {
      what: "a refresh token that somebody else has used",
      async strike() {
        const answer = await fetch(`${world.instance.webUrl}/_matrix/client/v3/refresh`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ refresh_token: refreshToken }),
        });
        const { access_token } = (await answer.json()) as { access_token: string };
        const used = await fetch(`${world.instance.webUrl}/_matrix/client/v3/account/whoami`, {
          headers: { authorization: `Bearer ${access_token}` },
        });
        expect(used.status).toBe(200);
        // The old access token lives on until it runs out, or somebody says that it has.
        onTheWay = ({ path }) => (path.endsWith("/refresh") ? undefined : unknownToken(true));
      },
      mend: () => void (onTheWay = () => undefined),
    },
    {
      what: "a locked account",
      strike: () => lockAccount(world.instance, member.userId, true),
      mend: () => lockAccount(world.instance, member.userId, false),
    },
    {
      what: "somebody on the way who answers one sync with “unknown token”",
      strike: () => once(/\/sync$/, () => unknownToken(false)),
    },
    {
      what: "somebody on the way who answers one other request with “unknown token”",
      strike: () => once(/\/devices$/, () => unknownToken(false)),
    },
  ];

  test.each(strikes)("$what", async ({ what, strike, mend }) => {
    await strike();
    await nudge();
    await isLocked();
    await restart();
    await isLocked();
    await mend?.();
    await must(client, "session.signIn", { userName: member.userName, password: member.password });
    await waitForView(client, "session", (view) => view.phase.kind === "ready", "it goes on");
    expect(client.view("session")?.deviceId, "the same device").toBe(deviceId);
    await hears(`said after ${what}`);
  });
});

describe("[P7] is an outage and no more", () => {
  const page = "<!doctype html><title>Hello</title>";
  const html = (status: number) => () =>
    new Response(page, { status, headers: { "content-type": "text/html" } });
  const outages: readonly { readonly what: string; readonly answer: () => Response }[] = [
    { what: "502 and a page", answer: html(502) },
    { what: "200 and a page", answer: html(200) },
    { what: "401 and a page", answer: html(401) },
    { what: "403 and a page", answer: html(403) },
    { what: "404 and a page", answer: html(404) },
    { what: "200 and nothing", answer: () => new Response("") },
    { what: "200 and an empty object", answer: () => json(200, {}) },
    { what: "200 and a list", answer: () => json(200, []) },
    { what: "200 and null", answer: () => json(200, null) },
    { what: "200 and half an object", answer: () => new Response('{"pos":"1') },
    { what: "500 in the server's own words", answer: () => json(500, { errcode: "M_UNKNOWN", error: "Oh" }) },
    {
      what: "429 without a time",
      answer: () => json(429, { errcode: "M_LIMIT_EXCEEDED", error: "Slow down" }),
    },
  ];

  test("a token that has run out: it is refreshed, and nobody is locked", async () => {
    const before = refreshToken;
    once(/\/devices$/, () => unknownToken(true));
    expect(await nudge()).toMatchObject({ ok: true });
    expect(refreshToken).not.toBe(before);
    expect(phase()).toBe("ready");
    await hears("said after a refresh");
  });

  test.each(outages)("$what", async ({ what, answer }) => {
    answered = 0;
    onTheWay = answer;
    await nudge();
    await until("the client has been told so", () => Promise.resolve(answered > 0));
    expect(phase()).toBe("ready");
    await restart();
    await waitForView(client, "session", (view) => view.phase.kind === "ready", "it starts all the same");
    const before = answered;
    await until("its syncs are answered so, too", () => Promise.resolve(answered >= before + 5));
    expect(phase()).toBe("ready");
    await keysAreThere();
    onTheWay = () => undefined;
    await hears(`said after ${what}`);
    expect(client.view("session")?.deviceId, "the same device").toBe(deviceId);
  });
});
