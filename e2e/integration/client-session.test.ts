import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createFirstAdminInvite } from "@hearth/bots";
import type { ClientPort } from "@hearth/client-core/contract.ts";
import { MemoryStorage, createNodeClient } from "@hearth/client-core/node.ts";
import type { Instance } from "@hearth/tools";
import { until } from "../support/server.ts";
import { must, startWorld, waitForView } from "../support/world.ts";
import type { Member, World } from "../support/world.ts";
import { CuttableNetwork, changes } from "./support/cuttableNetwork.ts";
import type { Cut } from "./support/cuttableNetwork.ts";
import { databasesGo } from "./support/deviceStore.ts";

const PASSWORD = "three plain words";

let world: World;
let instance: Instance;
const open: ClientPort[] = [];

beforeAll(async () => {
  world = await startWorld({ fresh: true, web: false });
  instance = world.instance;
});

afterAll(async () => {
  await Promise.all(open.map((client) => client.dispose()));
  await world[Symbol.asyncDispose]();
});

/** A client that is disposed of at the end, on a network that can be cut. */
async function newClient(storage = new MemoryStorage(), network = new CuttableNetwork(), at = instance) {
  const client = await createNodeClient({
    baseUrl: at.webUrl,
    storage,
    fetch: network.fetch,
  });
  open.push(client);
  const reload = async () => {
    await client.dispose();
    return newClient(storage, network, at);
  };
  return { client, storage, network, reload };
}

async function admin(method: string, path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(instance.homeserverUrl + path, {
    method,
    headers: { Authorization: `Bearer ${instance.asToken}`, "Content-Type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response.json();
}

let people = 0;
const newName = () => `person${++people}`;

/** An account without any device, as an admin of the server makes it. */
async function newAccount(at = instance): Promise<{ userName: string; userId: string }> {
  const userName = newName();
  const userId = `@${userName}:${at.serverName}`;
  await fetch(`${at.homeserverUrl}/_synapse/admin/v2/users/${userId}`, {
    method: "PUT",
    headers: { Authorization: `Bearer ${at.asToken}`, "Content-Type": "application/json" },
    body: JSON.stringify({ password: PASSWORD }),
  });
  return { userName, userId };
}

async function inviteLink(): Promise<string> {
  const { homeserverUrl, asToken, serverName, orgId, webUrl } = instance;
  const { link } = await createFirstAdminInvite({
    homeserverUrl,
    asToken,
    serverName,
    orgId,
    webUrl,
    force: true,
  });
  return link;
}

const phaseOf = (client: ClientPort) => client.view("session")?.phase.kind;

/** Signed in with encryption set up. */
async function newSession(at = instance) {
  const account = await newAccount(at);
  const made = await newClient(undefined, undefined, at);
  await must(made.client, "session.signIn", { userName: account.userName, password: PASSWORD });
  const { recoveryKey } = await must(made.client, "encryption.setUp", {});
  await must(made.client, "encryption.confirmSaved", {});
  expect(phaseOf(made.client)).toBe("ready");
  return { ...made, ...account, recoveryKey };
}

/** By the operator's link: the first one so founds the roster. By a member's they are signed onto it. */
async function joined(by?: ClientPort) {
  const made = await newClient();
  const userName = newName();
  const link = by ? (await must(by, "invite.create", { roles: ["responder"] })).link : await inviteLink();
  await must(made.client, "join.accept", { link, userName, displayName: userName, password: PASSWORD });
  await must(made.client, "encryption.setUp", {});
  await must(made.client, "encryption.confirmSaved", {});
  return { ...made, userName, userId: `@${userName}:${instance.serverName}` };
}

describe("signing in", () => {
  test("a wrong password is told, and leaves nothing stored", async () => {
    const { userName } = await newAccount();
    const { client, storage } = await newClient();
    const outcome = await client.run("session.signIn", { userName, password: "not this one" });
    expect(outcome).toMatchObject({ ok: false, code: "wrong_password" });
    expect(await storage.peek()).toBeUndefined();
  });

  test("a second device asks for the recovery key, tells a slip from a wrong one, and is then signed", async () => {
    const { userName, recoveryKey } = await newSession();
    const { client } = await newClient();
    await must(client, "session.signIn", { userName, password: PASSWORD });
    expect(client.view("session")?.phase).toEqual({ kind: "setup", step: "unlock" });
    const unlock = (key: string) => client.run("encryption.unlock", { recoveryKey: key });
    expect(await unlock(`${recoveryKey.slice(0, -1)}!`)).toMatchObject({ code: "wrong_recovery_key" });
    const other = await newSession();
    expect(await unlock(other.recoveryKey)).toMatchObject({ code: "wrong_recovery_key" });
    expect(await unlock(recoveryKey.replaceAll(" ", ""))).toMatchObject({ ok: true });
    expect(phaseOf(client)).toBe("ready");
    await must(client, "devices.refresh", {});
    const devices = client.view("devices")?.devices ?? [];
    expect(devices.map((device) => device.signed)).toEqual([true, true]);
    expect(devices.map((device) => device.name)).toEqual(["Hearth on Node", "Hearth on Node"]);
  });

  test("a forgotten recovery key: a new identity, for which the password is asked", async () => {
    const { userName } = await newSession();
    const { client } = await newClient();
    await must(client, "session.signIn", { userName, password: PASSWORD });
    expect(await client.run("encryption.reset", { password: "not this one" })).toMatchObject({
      code: "wrong_password",
    });
    expect(client.view("session")?.phase).toEqual({ kind: "setup", step: "unlock" });
    const { recoveryKey } = await must(client, "encryption.reset", { password: PASSWORD });
    expect(client.view("session")?.phase).toMatchObject({ kind: "setup", step: "show_key", recoveryKey });
    await must(client, "encryption.confirmSaved", {});
    const third = await newClient();
    await must(third.client, "session.signIn", { userName, password: PASSWORD });
    await must(third.client, "encryption.unlock", { recoveryKey });
    expect(phaseOf(third.client)).toBe("ready");
  });

  test("a new recovery key replaces the old one, without a new identity", async () => {
    const { client, userName, recoveryKey: old } = await newSession();
    expect(await client.run("encryption.newRecoveryKey", {})).toMatchObject({ code: "needs_password" });
    const { recoveryKey } = await must(client, "encryption.newRecoveryKey", { password: PASSWORD });
    await must(client, "encryption.confirmSaved", {});
    expect(phaseOf(client)).toBe("ready");
    const second = await newClient();
    await must(second.client, "session.signIn", { userName, password: PASSWORD });
    expect(await second.client.run("encryption.unlock", { recoveryKey: old })).toMatchObject({ ok: false });
    await must(second.client, "encryption.unlock", { recoveryKey });
    await must(client, "devices.refresh", {});
    expect(client.view("devices")?.devices.map((device) => device.signed)).toEqual([true, true]);
  });

  test("the recovery key is shown again after a reload, until it was saved; then never", async () => {
    const { userName } = await newAccount();
    const first = await newClient();
    await must(first.client, "session.signIn", { userName, password: PASSWORD });
    const { recoveryKey } = await must(first.client, "encryption.setUp", {});
    const second = await first.reload();
    expect(second.client.view("session")?.phase).toEqual({ kind: "setup", step: "show_key", recoveryKey });
    await must(second.client, "encryption.confirmSaved", {});
    const third = await second.reload();
    expect(third.client.view("session")?.phase).toEqual({ kind: "ready" });
  });
});

describe("half-done encryption is repaired", () => {
  test.each<Cut>(["not sent", "answer lost"])(
    "set-up cut at each request that changes something: %s",
    async (cut) => {
      const { userName } = await newAccount();
      let session = await newClient(undefined, new CuttableNetwork(changes));
      await must(session.client, "session.signIn", { userName, password: PASSWORD });
      const { network } = session;
      // Each attempt gets one request further than the one before, from the state that it left behind.
      for (let at = 1; ; at++) {
        network.mend(at, cut);
        const outcome = await Promise.race([
          session.client.run("encryption.setUp", { password: PASSWORD }),
          whenDown(network),
        ]);
        if (outcome !== "down" && outcome.ok) break;
        network.mend();
        session = await session.reload();
        await waitForView(session.client, "session", (v) => v.phase.kind === "setup", "set-up goes on");
      }
      network.mend();
      const phase = session.client.view("session")?.phase;
      if (phase?.kind !== "setup" || phase.recoveryKey === undefined) throw new Error(JSON.stringify(phase));
      await must(session.client, "encryption.confirmSaved", {});
      const second = await newClient();
      await must(second.client, "session.signIn", { userName, password: PASSWORD });
      await must(second.client, "encryption.unlock", { recoveryKey: phase.recoveryKey });
      await must(second.client, "devices.refresh", {});
      expect(second.client.view("devices")?.devices.every((device) => device.signed)).toBe(true);
    },
  );

  test("an identity whose private keys nobody has any more is replaced, with the password", async () => {
    const { userName } = await newAccount();
    // Down when the server has the identity, and before it is given the first of what keeps its private keys.
    let isMade = false;
    const network = new CuttableNetwork((line) => {
      isMade ||= line.endsWith("device_signing/upload");
      return isMade && line.startsWith("PUT ") && line.includes("account_data");
    });
    network.mend(1);
    const first = await newClient(undefined, network);
    await must(first.client, "session.signIn", { userName, password: PASSWORD });
    const settingUp = first.client.run("encryption.setUp", {});
    await whenDown(network);
    await first.client.dispose();
    await settingUp;
    const second = await newClient();
    await must(second.client, "session.signIn", { userName, password: PASSWORD });
    expect(second.client.view("session")?.phase).toEqual({ kind: "setup", step: "new" });
    expect(await second.client.run("encryption.setUp", {})).toMatchObject({ code: "needs_password" });
    await must(second.client, "encryption.setUp", { password: PASSWORD });
    await must(second.client, "encryption.confirmSaved", {});
    expect(phaseOf(second.client)).toBe("ready");
  });
});

describe("[P7] a dead token locks and destroys nothing", () => {
  let founder: Member | undefined;

  async function twoWhoTalk() {
    // Only who founded the roster can sign others onto it.
    const anna = (founder ??= await world.member("Anna", ["admin"]));
    const berta = await joined(anna.client);
    for (const { client } of [anna, berta])
      await waitForView(
        client,
        "team",
        (v) => v.members.some((row) => row.userId === berta.userId && row.roster === "listed"),
        "Berta is on the roster",
      );
    await waitForView(anna.client, "session", (view) => view.isAdmin, "what she may do is known");
    const title = `A request of ${anna.userName}`;
    const { roomId: local } = await must(anna.client, "request.open", {
      fields: { description: title },
      invite: [berta.userId],
    });
    const seen = await waitForView(
      berta.client,
      "requests",
      (view) => view.rows.some((row) => row.title === title),
      "the request arrives",
    );
    const roomId = seen.rows.find((row) => row.title === title)?.roomId ?? local;
    // Signed in again it is back in the server's list of devices: who writes before hearing of that leaves it out.
    const knowsDevice = (deviceId: string) =>
      until("Anna's client knows the device", async () => {
        const { devices } = await must(anna.client, "wipe.devices", { userId: berta.userId });
        return devices.some((each) => each.deviceId === deviceId && each.signed);
      });
    const say = (body: string) => must(anna.client, "chat.send", { roomId, body });
    const reads = async (client: ClientPort, body: string) => {
      await must(client, "room.open", { roomId });
      await waitForView(
        client,
        `room:${roomId}`,
        (view) => view.timeline.some((item) => item.body.kind === "message" && item.body.text === body),
        `"${body}" can be read`,
      );
    };
    await say("before");
    await reads(berta.client, "before");
    return { anna, berta, say, reads, knowsDevice };
  }

  test("a device deleted at the server: keys stay, signing in goes on, old and new can be read", async () => {
    const { berta, say, reads, knowsDevice } = await twoWhoTalk();
    const { deviceId } = berta.client.view("session")!;
    await admin("DELETE", `/_synapse/admin/v2/users/${berta.userId}/devices/${deviceId}`);
    await waitForView(berta.client, "session", (v) => v.phase.kind === "locked", "it locks");
    expect(berta.client.view("requests")).toBeUndefined();
    expect(await berta.client.run("devices.refresh", {})).toMatchObject({ code: "locked" });
    const { client } = await berta.reload();
    expect(client.view("session")?.phase).toMatchObject({ kind: "locked", userId: berta.userId });
    const stranger = await newAccount();
    expect(
      await client.run("session.signIn", { userName: stranger.userName, password: PASSWORD }),
    ).toMatchObject({ code: "conflict" });
    await must(client, "session.signIn", { userName: berta.userName, password: PASSWORD });
    await waitForView(client, "session", (v) => v.phase.kind === "ready", "it goes on");
    expect(client.view("session")?.deviceId).toBe(deviceId);
    await knowsDevice(deviceId ?? "");
    await say("after");
    await reads(client, "before");
    await reads(client, "after");
  });

  test("a locked account", async () => {
    const { berta, say, reads } = await twoWhoTalk();
    const { deviceId } = berta.client.view("session")!;
    await admin("PUT", `/_synapse/admin/v2/users/${berta.userId}`, { locked: true });
    // Synapse lets a waiting sync wait: the next request is told.
    expect(await berta.client.run("devices.refresh", {})).toMatchObject({ code: "locked" });
    await waitForView(berta.client, "session", (v) => v.phase.kind === "locked", "it locks");
    const again = { userName: berta.userName, password: PASSWORD };
    expect(await berta.client.run("session.signIn", again)).toMatchObject({ ok: false, code: "locked" });
    await admin("PUT", `/_synapse/admin/v2/users/${berta.userId}`, { locked: false });
    await must(berta.client, "session.signIn", again);
    await waitForView(berta.client, "session", (v) => v.phase.kind === "ready", "it goes on");
    expect(berta.client.view("session")?.deviceId).toBe(deviceId);
    await say("meanwhile");
    await reads(berta.client, "before");
    await reads(berta.client, "meanwhile");
  });

  test("a password reset that kills all tokens", async () => {
    const session = await newSession();
    const next = "four other plain words";
    await admin("POST", `/_synapse/admin/v1/reset_password/${session.userId}`, {
      new_password: next,
      logout_devices: true,
    });
    await waitForView(session.client, "session", (v) => v.phase.kind === "locked", "it locks");
    await must(session.client, "session.signIn", { userName: session.userName, password: next });
    await waitForView(session.client, "session", (v) => v.phase.kind === "ready", "it goes on");
    await must(session.client, "devices.refresh", {});
    expect(session.client.view("devices")?.devices).toMatchObject([{ isThis: true, signed: true }]);
  });

  test("an error page of a proxy locks nobody", async () => {
    const session = await newSession();
    await session.client.dispose();
    let broken = true;
    const client = await createNodeClient({
      baseUrl: instance.webUrl,
      storage: session.storage,
      fetch: (url, init) =>
        broken
          ? Promise.resolve(new Response("<html>Bad gateway</html>", { status: 502 }))
          : fetch(url, init),
    });
    open.push(client);
    expect(await client.run("devices.refresh", {})).toMatchObject({ code: "unreachable" });
    expect(phaseOf(client)).toBe("ready");
    broken = false;
    await must(client, "devices.refresh", {});
  });
});

describe("own account", () => {
  test("another device is signed out with the password, and locks; this one goes on", async () => {
    const first = await newSession();
    const second = await newClient();
    await must(second.client, "session.signIn", { userName: first.userName, password: PASSWORD });
    await must(second.client, "encryption.unlock", { recoveryKey: first.recoveryKey });
    const deviceId = second.client.view("session")?.deviceId ?? "";
    expect(await first.client.run("devices.signOut", { deviceId })).toMatchObject({ code: "needs_password" });
    await must(first.client, "devices.signOut", { deviceId, password: PASSWORD });
    await waitForView(second.client, "session", (v) => v.phase.kind === "locked", "the other one locks");
    expect(first.client.view("devices")?.devices).toHaveLength(1);
  });

  test("a changed password signs the others out, and not this one", async () => {
    const first = await newSession();
    const second = await newClient();
    await must(second.client, "session.signIn", { userName: first.userName, password: PASSWORD });
    const change = { next: "five more plain words", signOutOthers: true };
    expect(await first.client.run("password.change", { ...change, current: "wrong one here" })).toMatchObject(
      { code: "wrong_password" },
    );
    expect(
      await first.client.run("password.change", { ...change, current: PASSWORD, next: "short" }),
    ).toMatchObject({ code: "weak_password" });
    await must(first.client, "password.change", { ...change, current: PASSWORD });
    await must(first.client, "devices.refresh", {});
    expect(first.client.view("devices")?.devices).toHaveLength(1);
  });

  test("signing out without a server destroys the keys all the same", async () => {
    const session = await newSession();
    const stored = await session.storage.peek();
    session.network.down = true;
    const outcome = await session.client.run("session.signOut", {});
    expect(outcome).toEqual({ ok: true, value: { serverTold: false } });
    expect(session.client.view("session")?.phase).toEqual({ kind: "signed_out" });
    expect(await stored?.rootKey.read()).toBeUndefined();
    expect(await session.storage.peek()).toBeUndefined();
    await databasesGo(stored);
  });
});

describe("joining", () => {
  test("bad links, names and passwords are told before anything is made", async () => {
    const { client, storage, network } = await newClient();
    const link = await inviteLink();
    const arg = { link, userName: newName(), displayName: "Somebody", password: PASSWORD };
    const refused = async (change: Partial<typeof arg>) => client.run("join.accept", { ...arg, ...change });
    expect(await client.run("join.look", { link: link.slice(0, -8) })).toMatchObject({
      code: "invite_damaged",
    });
    expect(await client.run("join.look", { link })).toMatchObject({ ok: true });
    expect(await refused({ link: "https://elsewhere/" })).toMatchObject({ code: "invite_damaged" });
    expect(await refused({ userName: "Sam Smith" })).toMatchObject({ code: "bad_name" });
    expect(await refused({ password: "too short" })).toMatchObject({ code: "weak_password" });
    expect(network.asked.filter((line) => line.includes("/v3/register"))).toEqual([]);
    const { userName } = await newAccount();
    expect(await refused({ userName, password: "some other words" })).toMatchObject({ code: "name_taken" });
    expect(client.view("session")?.phase).toEqual({ kind: "signed_out" });
    expect(await storage.peek()).toBeUndefined();
    // The invite is still good after all of it.
    expect(await refused({})).toMatchObject({ ok: true });
    expect(client.view("session")?.phase).toEqual({ kind: "setup", step: "new" });
    expect(await (await newClient()).client.run("join.look", { link })).toMatchObject({
      code: "invite_used",
    });
  });

  test.each<Cut>(["not sent", "answer lost"])("cut at each request, it resumes: %s", async (cut) => {
    let session = await newClient();
    const { network } = session;
    const link = await inviteLink();
    const arg = { link, userName: newName(), displayName: "Somebody", password: PASSWORD };
    const next = () => {
      const phase = session.client.view("session")?.phase;
      if (phase?.kind === "signed_out") return "join.accept";
      if (phase?.kind === "joining") return "join.resume";
      return phase?.kind === "setup" && phase.step === "new" ? "encryption.setUp" : "encryption.confirmSaved";
    };
    // Each step gets one request further than the time before, from the state that was left behind.
    const reached = {
      "join.accept": 0,
      "join.resume": 0,
      "encryption.setUp": 0,
      "encryption.confirmSaved": 0,
    };
    while (phaseOf(session.client) !== "ready") {
      const step = next();
      if (++reached[step] > 100) throw new Error(`${step} never comes to an end`);
      network.mend(reached[step], cut);
      const outcome = await Promise.race([
        step === "join.accept" ? session.client.run(step, arg) : session.client.run(step, {}),
        whenDown(network),
      ]);
      if (!network.down && outcome !== "down") {
        if (!outcome.ok) throw new Error(`${step}: ${outcome.code}: ${outcome.message}`);
        continue;
      }
      network.mend();
      session = await session.reload();
      await waitForView(session.client, "session", (v) => v.phase.kind !== "starting", "it starts");
    }
    expect(reached["join.resume"]).toBeGreaterThan(10);
    expect(reached["encryption.setUp"]).toBeGreaterThan(10);
    network.mend();
    await waitForView(session.client, "team", (view) => view.members.some((row) => row.isMe), "a member");
    expect(session.client.view("join")).toMatchObject({ canResume: false });
  });
});

describe("tokens that live for seconds", () => {
  test("are refreshed, one at a time, and nobody is locked", async () => {
    await using short = await startWorld({ fresh: true, web: false, bots: false, accessTokenLifetime: "4s" });
    const session = await newSession(short.instance);
    const refreshes = () => session.network.asked.filter((line) => line.endsWith("/refresh")).length;
    const before = refreshes();
    while (refreshes() < before + 3) {
      await Promise.all([1, 2, 3].map(() => must(session.client, "devices.refresh", {})));
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    const { client } = await session.reload();
    await must(client, "devices.refresh", {});
    expect(phaseOf(client)).toBe("ready");
    await client.dispose();
  });
});

async function waitUntil(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

async function whenDown(network: CuttableNetwork): Promise<"down"> {
  await waitUntil(() => network.down);
  return "down";
}
