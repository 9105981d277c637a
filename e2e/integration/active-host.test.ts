// The homeserver plays false: it forges members, roles and rosters towards one client. [P8]
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ClientPort, RoomView } from "@hearth/client-core/contract.ts";
import { createNodeClient } from "@hearth/client-core/node.ts";
import { must, startWorld, token, waitForView, type Member, type World } from "../support/world.ts";
import { ForgingNetwork, typeOf, type ForgedEvent } from "./support/forgingNetwork.ts";

let world: World;
let dispatcher: Member;
let responder: Member;
let ghost: { userId: string; client: ClientPort };
const open: ClientPort[] = [];

beforeAll(async () => {
  world = await startWorld({ web: false });
  dispatcher = await world.member("Demo Dispatcher", ["dispatcher"]);
  responder = await world.member("Demo Responder", ["responder"]);
  ghost = await newGhost();
});

afterAll(async () => {
  await Promise.all(open.map((client) => client.dispose()));
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
  open.push(client);
  await must(client, "session.signIn", { userName: "ghost", password });
  await must(client, "encryption.setUp", { password });
  await must(client, "encryption.confirmSaved", {});
  return { userId, client };
}

/** A device of the dispatcher that hears only what the forger lets it hear, from its first sync on. */
async function deceived(network: ForgingNetwork): Promise<ClientPort> {
  const client = await createNodeClient({ baseUrl: world.instance.webUrl, fetch: network.fetch });
  open.push(client);
  await must(client, "session.signIn", { userName: dispatcher.userName, password: dispatcher.password });
  await must(client, "encryption.unlock", { recoveryKey: dispatcher.recoveryKey });
  await waitForView(client, "requests", (v) => v.loaded, "the list is there");
  return client;
}

const says = (text: string) => (view: RoomView) =>
  view.timeline.some(
    ({ body, delivery }) => body.kind === "message" && body.text === text && delivery.kind === "sent",
  );

/** Opens a request for the responder and says something in it; resolves when the responder has read it. */
async function talk(client: ClientPort): Promise<string> {
  const title = token();
  await must(client, "request.open", { fields: { description: title }, invite: [responder.userId] });
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

test("[P8] a server that takes a statement back does not bring somebody back who was ended", async () => {
  const leaver = await world.member("Demo Leaver", ["responder"]);
  const network = new ForgingNetwork();
  const client = await deceived(network);
  const listed = (view: { members: { userId: string; roster: string }[] }) =>
    view.members.some((row) => row.userId === leaver.userId && row.roster === "listed");
  await waitForView(client, "team", listed, "they are on the roster");
  await must(world.adminMember.client, "member.remove", { userId: leaver.userId });
  await waitForView(client, "team", (v) => !listed(v), "they are off it");
  // The org's state says again, and for good, that they are a member.
  network.forge = (_, state) =>
    state.some((event) => event["type"] === "org.hearth.member")
      ? [memberState(leaver.userId, ["responder"])]
      : typeOf(state) === "org.hearth.request"
        ? [inRoom(leaver.userId)]
        : [];
  await talk(client);
  expect(network.addressedTo(leaver.userId)).toEqual([]);
});
