// The homeserver plays false: it forges members, roles and rosters towards one client. [P8]
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { ClientPort, RoomView, TeamView } from "@hearth/client-core/contract.ts";
import { createNodeClient, MemoryStorage } from "@hearth/client-core/node.ts";
import { must, startWorld, token, waitForView, type Member, type World } from "../support/world.ts";
import { hasLookedAround } from "./support/comparing.ts";
import { forgeDevice, type ForgedDevice } from "./support/forgedDevice.ts";
import { ForgingNetwork, typeOf, type ForgedEvent } from "./support/forgingNetwork.ts";

let world: World;
let dispatcher: Member;
let responder: Member;
let ghost: { userId: string; client: ClientPort };

beforeAll(async () => {
  world = await startWorld({ web: false });
  await world.member("First Admin", ["admin"]);
  dispatcher = await world.member("Dora Dispatcher", ["dispatcher"]);
  responder = await world.member("Rio Responder", ["responder"]);
  ghost = await newGhost();
});

afterAll(async () => {
  await ghost?.client.dispose();
  await world[Symbol.asyncDispose]();
});

/** An account of the server's own making, with cross-signing and a device signed by it: only the roster lacks it. */
async function newGhost(): Promise<typeof ghost> {
  const { homeserverUrl, asToken, serverName, webUrl } = world.instance;
  const userId = `@ghost:${serverName}`;
  const password = `correct ${token()} staple`;
  const made = await fetch(`${homeserverUrl}/_synapse/admin/v2/users/${encodeURIComponent(userId)}`, {
    method: "PUT",
    headers: { authorization: `Bearer ${asToken}` },
    body: JSON.stringify({ password }),
  });
  expect(made.status).toBe(201);
  const client = await createNodeClient({ baseUrl: webUrl });
  await must(client, "session.signIn", { userName: "ghost", password });
  await must(client, "encryption.setUp", { password });
  await must(client, "encryption.confirmSaved", {});
  return { userId, client };
}

/** A device of somebody, of the dispatcher by default, that hears only what the forger lets it hear, from its first sync on. */
async function deceived(
  network: ForgingNetwork,
  member: Member = dispatcher,
  storage = new MemoryStorage(),
): Promise<ClientPort> {
  const { webUrl } = world.instance;
  const client = await createNodeClient({ baseUrl: webUrl, fetch: network.fetch, storage });
  // Not later: each would go on reading every room, and a dozen of them made the last tests many times slower.
  onTestFinished(() => client.dispose());
  await must(client, "session.signIn", { userName: member.userName, password: member.password });
  await must(client, "encryption.unlock", { recoveryKey: member.recoveryKey });
  await waitForView(client, "requests", (v) => v.loaded, "the list is there");
  return client;
}

const says = (text: string) => (view: RoomView) =>
  view.timeline.some(
    ({ body, delivery }) => body.kind === "message" && body.text === text && delivery.kind === "sent",
  );

/** Opens a request for the responder and says something in it; resolves when the responder has read it. */
async function talk(client: ClientPort, others: readonly string[] = []): Promise<string> {
  const title = token();
  await must(client, "request.open", {
    fields: { description: title },
    invite: [responder.userId, ...others],
  });
  const list = await waitForView(
    client,
    "requests",
    (v) => v.rows.some((row) => row.title === title && row.roomId.startsWith("!") && !row.sending),
    "the request is open",
  );
  const roomId = list.rows.find((row) => row.title === title)?.roomId ?? "";
  const words = `Example: ${token()}`;
  await must(client, "room.open", { roomId });
  await must(client, "chat.send", { roomId, body: words });
  await waitForView(
    responder.client,
    "requests",
    (v) => v.rows.some((row) => row.roomId === roomId),
    "known",
  );
  await must(responder.client, "room.open", { roomId });
  await waitForView(responder.client, `room:${roomId}`, says(words), "the others talk on");
  return roomId;
}

const memberState = (userId: string, roles: string[]): ForgedEvent => ({
  type: "org.hearth.member",
  state_key: userId.slice(1),
  sender: world.instance.botUserId,
  content: { v: 1, joined_at: 1, roles: roles.map((role) => ({ role, from: 1 })) },
});
const inRoom = (userId: string): ForgedEvent => ({
  type: "m.room.member",
  state_key: userId,
  sender: userId,
  content: { membership: "join" },
});

test("[P8] a ghost whom the server puts into the org and into every request receives nothing, the view says why, and the others talk on", async () => {
  const network = new ForgingNetwork();
  network.forge = (_, state) => {
    const type = typeOf(state);
    if (type === "org.hearth.org")
      return [
        memberState(ghost.userId, ["responder"]),
        inRoom(ghost.userId),
        // Being an admin by org state alone gives nothing: what they then sign is no admin's.
        memberState(dispatcher.userId, ["dispatcher", "admin"]),
      ];
    return type === "org.hearth.request" ? [inRoom(ghost.userId)] : [];
  };
  const client = await deceived(network);
  const believed = await waitForView(
    client,
    "team",
    (v) => v.members.some((row) => row.userId === ghost.userId && row.code !== undefined),
    "the client was told of the ghost, and knows its keys",
  );
  expect(believed.members.find((row) => row.userId === ghost.userId)).toMatchObject({
    roles: ["responder"],
    identity: "fine",
    roster: "waiting",
  });
  await waitForView(client, "session", (v) => v.isAdmin, "the client takes itself for an admin");
  await must(client, "member.acceptIdentity", { userId: ghost.userId });
  const roomId = await talk(client);
  const view = await waitForView(
    client,
    `room:${roomId}`,
    (v) => v.withheld.some((one) => one.userId === ghost.userId),
    "the composer says who gets nothing",
  );
  expect(view.withheld).toMatchObject([
    { userId: ghost.userId, reason: expect.stringContaining("No admin") as string },
  ]);
  expect(network.addressedTo(responder.userId)).not.toEqual([]);
  expect(network.addressedTo(ghost.userId)).toEqual([]);
});

test("[P8] a roster of the server's making, and one with its own statement on top, list nobody new and are shown", async () => {
  const network = new ForgingNetwork();
  const statement = (index: number): ForgedEvent => ({
    type: "org.hearth.roster",
    state_key: String(index),
    sender: world.instance.botUserId,
    content: {
      v: 1,
      purpose: "roster",
      org: world.instance.orgId,
      key: "A".repeat(43),
      at: Date.now(),
      body: {
        kind: "member",
        index,
        prev: "A".repeat(43),
        user: ghost.userId,
        master_key: "A".repeat(43),
        role: "member",
      },
      signature: "A".repeat(86),
    },
  });
  network.forge = (_, state) =>
    typeOf(state) === "org.hearth.org"
      ? [statement(state.filter((event) => event["type"] === "org.hearth.roster").length)]
      : [];
  const client = await deceived(network);
  await waitForView(client, "team", (v) => v.problem?.includes("holds back") === true, "it is said");
  await talk(client);
  expect(network.addressedTo(ghost.userId)).toEqual([]);

  const other = new ForgingNetwork();
  other.forge = (_, state) =>
    typeOf(state) === "org.hearth.org"
      ? state
          .filter((event) => event["type"] === "org.hearth.roster")
          .map((event) => statement(Number(event["state_key"])))
      : [];
  const alone = await deceived(other);
  const team = await waitForView(
    alone,
    "team",
    (v) => v.problem !== undefined,
    "another roster is not believed",
  );
  expect(team.members.filter((row) => row.roster === "listed")).toEqual([]);
});

describe("keys of the server's making", () => {
  /** Puts a device into what the client is told of somebody, and with `identity` the identity that signed it. */
  const playing = (network: ForgingNetwork, forged: ForgedDevice, { identity }: { identity: boolean }) => {
    const { userId, deviceId } = forged;
    network.oneTimeKeys.set(`${userId} ${deviceId}`, forged.oneTimeKey);
    network.forgeKeys = (answer) => {
      if (!(userId in answer.device_keys)) return;
      (answer.device_keys[userId] ??= {})[deviceId] = forged.deviceKeys;
      if (!identity) return;
      (answer.master_keys ??= {})[userId] = forged.masterKey;
      (answer.self_signing_keys ??= {})[userId] = forged.selfSigningKey;
    };
    network.saysChanged(userId);
  };
  const withheld = (client: ClientPort, roomId: string, userId: string) =>
    waitForView(
      client,
      `room:${roomId}`,
      (v) => v.withheld.some((one) => one.userId === userId),
      "the composer says who gets nothing",
    );

  test("[P8] a ghost device under a member's name gets nothing, is told of, and their own devices go on", async () => {
    const network = new ForgingNetwork();
    const client = await deceived(network);
    await talk(client);
    await hasLookedAround(client);
    playing(network, await forgeDevice(responder.userId, "GHOST"), { identity: false });
    const roomId = await talk(client);
    const view = await waitForView(
      client,
      `room:${roomId}`,
      (v) => (v.newDevices ?? []).some((each) => each.userId === responder.userId && each.unsigned === 1),
      "the composer tells of a device that nobody signed",
    );
    expect(view.withheld).toEqual([]);
    await talk(client);
    expect(network.addressedTo(responder.userId)).not.toContain(`${responder.userId} GHOST`);
    expect(network.addressedTo(responder.userId)).not.toEqual([]);
  });

  test("[P8] an identity that was replaced before this device ever saw it gets nothing: the roster names another", async () => {
    const victim = await world.member("Rita Responder", ["responder"]);
    const network = new ForgingNetwork();
    playing(network, await forgeDevice(victim.userId, "GHOST"), { identity: true });
    const client = await deceived(network);
    const row = (view: TeamView) => view.members.find((each) => each.userId === victim.userId);
    // Their keys come by a query and the roster by sync, in either order: until both are here, they are "waiting".
    const team = await waitForView(client, "team", (v) => row(v)?.roster === "other_keys", "both are known");
    expect(row(team)).toMatchObject({ identity: "fine", code: expect.any(String) as string });
    const roomId = await talk(client, [victim.userId]);
    const view = await withheld(client, roomId, victim.userId);
    expect(view.withheld[0]?.reason).toContain("not the ones that an admin confirmed");
    // Not even when the person at this device is talked into accepting: an admin's signature is missing.
    await must(client, "member.acceptIdentity", { userId: victim.userId });
    await talk(client, [victim.userId]);
    expect(network.addressedTo(victim.userId)).toEqual([]);
  });

  test("[P8] an identity that is replaced while people talk gets nothing, and the others talk on", async () => {
    const victim = await world.member("Remy Responder", ["responder"]);
    const network = new ForgingNetwork();
    const client = await deceived(network);
    const roomId = await talk(client, [victim.userId]);
    expect(network.addressedTo(victim.userId)).not.toEqual([]);
    network.addressed.clear();
    playing(network, await forgeDevice(victim.userId, "GHOST"), { identity: true });
    await withheld(client, roomId, victim.userId);
    const words = `Example: ${token()}`;
    await must(client, "chat.send", { roomId, body: words });
    await waitForView(responder.client, `room:${roomId}`, says(words), "the others talk on");
    expect(network.addressedTo(victim.userId)).toEqual([]);
  });

  test("[P8] a person's own identity, replaced by the server, gets nothing of what they write", async () => {
    const network = new ForgingNetwork();
    const client = await deceived(network);
    await talk(client);
    network.addressed.clear();
    playing(network, await forgeDevice(dispatcher.userId, "GHOST"), { identity: true });
    const asked = new Promise<void>((resolve) => {
      const forge = network.forgeKeys;
      network.forgeKeys = (answer) => {
        forge(answer);
        if (dispatcher.userId in answer.device_keys) resolve();
      };
    });
    await asked;
    const title = token();
    await must(client, "request.open", { fields: { description: title }, invite: [responder.userId] });
    // Whether it goes out to the others or stays back with a word, the ghost is not among those who get keys.
    await waitForView(
      client,
      "requests",
      (v) => v.rows.some((each) => each.title === title && (!each.sending || each.problem !== undefined)),
      "it was tried",
    );
    expect(network.addressedTo(dispatcher.userId)).not.toContain(`${dispatcher.userId} GHOST`);
  });
});

test("[P8] a server that takes a statement back does not bring somebody back who was ended", async () => {
  const leaver = await world.member("Rosa Responder", ["responder"]);
  const network = new ForgingNetwork();
  const client = await deceived(network);
  const listed = (view: { members: { userId: string; roster: string }[] }) =>
    view.members.some((row) => row.userId === leaver.userId && row.roster === "listed");
  await waitForView(client, "team", listed, "they are on the roster");
  // In the place of what the bot writes of them, the org's state says that they are a member, with another role.
  const lie = memberState(leaver.userId, ["dispatcher"]);
  network.forge = (_, state) =>
    state.some(({ type, state_key }) => type === lie.type && state_key === lie.state_key)
      ? [lie]
      : typeOf(state) === "org.hearth.request"
        ? [inRoom(leaver.userId)]
        : [];
  await must(world.adminMember.client, "member.remove", { userId: leaver.userId });
  await waitForView(client, "team", (v) => !listed(v), "they are off it");
  const row = (view: TeamView) => view.members.find((each) => each.userId === leaver.userId);
  const isToldLie = (v: TeamView) => row(v)?.roles.includes("dispatcher") === true;
  const team = await waitForView(client, "team", isToldLie, "they are a member, says the server");
  expect(row(team)).toMatchObject({ former: false, roster: "waiting" });
  await talk(client);
  expect(network.addressedTo(leaver.userId)).toEqual([]);
});

describe("which roster to believe", () => {
  const withoutSigningKey = () => {
    const network = new ForgingNetwork();
    network.withholds = (path) => path.endsWith("/account_data/org.hearth.roster_key");
    return network;
  };
  const listedOf = (view: TeamView) =>
    view.members.filter((row) => row.roster === "listed").map((row) => row.userId);

  test("[P8] a device from which the server held back what it should believe is told by another own one", async () => {
    const network = withoutSigningKey();
    const client = await deceived(network);
    // The device that was there before is online, and signed. Who is listed shows when their keys are known too.
    const follows = (v: TeamView) => v.list?.compare === false && listedOf(v).includes(responder.userId);
    const team = await waitForView(client, "team", follows, "it was told");
    expect(team.problem).toBeUndefined();
    await talk(client);
  });

  test("[P8] with no other device it believes no roster, not the true one either, until a code was compared", async () => {
    const alone = await world.member("Dina Dispatcher", ["dispatcher"]);
    await alone.client.dispose();
    const client = await deceived(withoutSigningKey(), alone);
    const team = await waitForView(client, "team", (v) => v.list?.compare === true, "it has to compare");
    expect(listedOf(team)).toEqual([]);
    expect(team.problem).toContain("which list");
    const code = world.adminMember.client.view("team")?.list?.code ?? "";
    expect(
      await client.run("roster.believe", { code: code.replace(/\d/, (d) => String(9 - Number(d))) }),
    ).toMatchObject({ ok: false, code: "conflict" });
    expect(team.list?.code).toBe(code);
    await must(client, "roster.believe", { code });
    await waitForView(client, "team", (v) => listedOf(v).includes(responder.userId), "it follows the roster");
    expect(client.view("team")?.problem).toBeUndefined();
    await talk(client);
  });

  test("[P8] what a device has read of the roster counts after a restart too, when the server shows less of it or another one", async () => {
    const storage = new MemoryStorage();
    const before = await deceived(new ForgingNetwork(), dispatcher, storage);
    await waitForView(before, "team", (v) => listedOf(v).includes(responder.userId), "the roster is read");
    await before.dispose();
    const network = new ForgingNetwork();
    network.forge = (_, state) =>
      state
        .filter((event) => event["type"] === "org.hearth.roster" && Number(event["state_key"]) > 0)
        .map((event) => ({
          type: "org.hearth.roster",
          state_key: String(event["state_key"]),
          sender: world.instance.botUserId,
          content: {},
        }));
    const client = await createNodeClient({ baseUrl: world.instance.webUrl, storage, fetch: network.fetch });
    onTestFinished(() => client.dispose());
    // Nobody is listed until their keys were looked up, which this start does beside reading the roster.
    const isSaid = (v: TeamView) => v.problem !== undefined && listedOf(v).includes(responder.userId);
    const team = await waitForView(client, "team", isSaid, "it is said, and the roster counts");
    expect(team.problem).toContain("holds back");
    await talk(client);
  });
});
