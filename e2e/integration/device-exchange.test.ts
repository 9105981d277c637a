// The homeserver holds a request and exchanges keys meanwhile: between the check and the encryption, or after it. [P6] [P8]
import {
  DecryptionSettings,
  DeviceLists,
  RoomId,
  TrustRequirement,
} from "@matrix-org/matrix-sdk-crypto-wasm";
import type { OlmMachine } from "@matrix-org/matrix-sdk-crypto-wasm";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ClientPort, RoomView, Views } from "@hearth/client-core/contract.ts";
import { createNodeClient, MemoryStorage } from "@hearth/client-core/node.ts";
import { must, roomOf, startWorld, token, waitForView, type Member, type World } from "../support/world.ts";
import { forgeDevice, forgeMachine, type ForgedDevice } from "./support/forgedDevice.ts";
import { ForgingNetwork } from "./support/forgingNetwork.ts";

let world: World;
let dispatcher: Member;
let responder: Member;
const open: { dispose(): Promise<void> }[] = [];

beforeAll(async () => {
  world = await startWorld({ web: false });
  await world.member("First Admin", ["admin"]);
  dispatcher = await world.member("Dora Dispatcher", ["dispatcher"]);
  responder = await world.member("Rio Responder", ["responder"]);
});

afterAll(async () => {
  await Promise.all(open.map((client) => client.dispose()));
  await world[Symbol.asyncDispose]();
});

/** Another device of somebody, which hears what this network lets it hear. */
async function signIn(member: Member, network: ForgingNetwork): Promise<ClientPort> {
  const client = await createNodeClient({
    baseUrl: world.instance.webUrl,
    fetch: network.fetch,
    storage: new MemoryStorage(),
  });
  open.push(client);
  await must(client, "session.signIn", { userName: member.userName, password: member.password });
  return client;
}

async function unlock(client: ClientPort, member: Member): Promise<ClientPort> {
  await must(client, "encryption.unlock", { recoveryKey: member.recoveryKey });
  await waitForView(client, "requests", (v) => v.loaded, "the list is there");
  return client;
}

const deviceIdOf = (client: ClientPort) => client.view("session")?.deviceId ?? "";
const reads = (text: string) => (view: RoomView) =>
  view.timeline.some(
    ({ body, delivery }) => body.kind === "message" && body.text === text && delivery.kind === "sent",
  );

async function openRequest(client: ClientPort, invite: readonly string[]): Promise<string> {
  const title = token();
  await must(client, "request.open", { fields: { description: title }, invite: [...invite] });
  return roomOf(client, title);
}

async function say(client: ClientPort, roomId: string, reader: ClientPort): Promise<void> {
  const words = `Example: ${token()}`;
  await must(client, "chat.send", { roomId, body: words });
  await waitForView(reader, "requests", (v) => v.rows.some((row) => row.roomId === roomId), "known");
  await must(reader, "room.open", { roomId });
  await waitForView(reader, `room:${roomId}`, reads(words), "the other reads it");
}

/** Shows a further device, which nobody has signed, so that the client has a one-time key to ask for. */
async function showLure(network: ForgingNetwork, userId: string): Promise<void> {
  const lure = await forgeDevice(userId, "LURE");
  const before = network.forgeKeys;
  network.forgeKeys = (answer) => {
    before(answer);
    if (userId in answer.device_keys) (answer.device_keys[userId] ??= {})["LURE"] = lure.deviceKeys;
  };
  await network.tells(userId);
}

/**
 * Holds the next claim of a key for the lure, and meanwhile takes a device away and shows another one under its id.
 * @returns when the claim has been answered: with a one-time key of the new device
 */
function exchangeInClaim(
  network: ForgingNetwork,
  userId: string,
  deviceId: () => string,
): Promise<ForgedDevice> {
  return new Promise((resolve, reject) => {
    const exchange = async (): Promise<void> => {
      network.holds = () => undefined;
      const id = deviceId();
      const forged = await forgeDevice(userId, id);
      const before = network.forgeKeys;
      let isShown = false;
      network.forgeKeys = (answer) => {
        before(answer);
        const devices = answer.device_keys[userId];
        if (!devices) return;
        if (isShown) devices[id] = forged.deviceKeys;
        else delete devices[id];
      };
      await network.tells(userId);
      isShown = true;
      await network.tells(userId);
      network.forgeClaim = (answer) => {
        (answer.one_time_keys[userId] ??= {})[id] = forged.oneTimeKey;
        resolve(forged);
      };
    };
    network.holds = (pathname, body) => {
      if (!pathname.endsWith("/keys/claim") || !body.includes("LURE")) return undefined;
      const done = exchange();
      done.catch(reject);
      return done;
    };
  });
}

test("[P8] a device that is exchanged while one-time keys are claimed is not told the roster's key", async () => {
  const owner = await world.member("Dina Dispatcher", ["dispatcher"]);
  const network = new ForgingNetwork();
  const teller = await unlock(await signIn(owner, network), owner);
  await owner.client.dispose();
  await showLure(network, owner.userId);
  const unknowing = new ForgingNetwork();
  unknowing.withholds = (path) => path.endsWith("/account_data/org.hearth.roster_key");
  const asker = await signIn(owner, unknowing);
  const exchanged = exchangeInClaim(network, owner.userId, () => deviceIdOf(asker));
  await unlock(asker, owner);
  await waitForView(asker, "team", (v) => v.list?.compare === true, "it has to ask");
  const forged = await exchanged;
  // What the claim was made for went out right after it; this takes many requests more.
  await say(teller, await openRequest(teller, [responder.userId]), responder.client);
  expect(network.sealedFor()).not.toContain(forged.curve25519);
});

test("[P6] a device that is exchanged while one-time keys are claimed gets no grant, and the person's others do", async () => {
  const network = new ForgingNetwork();
  const admin = await unlock(await signIn(world.adminMember, network), world.adminMember);
  const roomId = await openRequest(dispatcher.client, [responder.userId]);
  await say(dispatcher.client, roomId, admin);
  const laptop = await unlock(await signIn(responder, new ForgingNetwork()), responder);
  await waitForView(laptop, "requests", (v) => v.rows.some((row) => row.roomId === roomId), "known");
  const ask = async () => {
    const { request } = await must(laptop, "access.ask", { kind: "window", code: "new_device" });
    const isHere = (v: Views["access"]) => v.asks.some((each) => each.request === request && each.canAnswer);
    await waitForView(admin, "access", isHere, "the ask has come");
    return request;
  };
  const isGiven = (request: string) => (v: Views["access"]) =>
    v.mine.some((each) => each.request === request && each.state === "given");

  const first = await ask();
  // Before the lure is shown: a key that cannot be had is not asked for again soon, whatever it was asked for.
  const exchanged = exchangeInClaim(network, responder.userId, () => deviceIdOf(laptop));
  await showLure(network, responder.userId);
  await must(admin, "access.give", { request: first });
  const forged = await exchanged;
  await waitForView(responder.client, "access", isGiven(first), "the phone has it");
  expect(network.sealedFor()).not.toContain(forged.curve25519);

  // The server shows the true one again.
  network.forgeClaim = () => {};
  network.forgeKeys = (answer) => delete answer.device_keys[responder.userId]?.[deviceIdOf(laptop)];
  await network.tells(responder.userId);
  network.forgeKeys = () => {};
  await network.tells(responder.userId);
  const second = await ask();
  await must(admin, "access.give", { request: second });
  await waitForView(laptop, "access", isGiven(second), "the laptop has it");
});

test("[P8] an identity that is exchanged during an encryption, and back again before it ends, opens nothing that was sent", async () => {
  const victim = await world.member("Rita Responder", ["responder"]);
  const network = new ForgingNetwork();
  const client = await unlock(await signIn(dispatcher, network), dispatcher);
  const roomId = await openRequest(client, [victim.userId, responder.userId]);
  await say(client, roomId, responder.client);

  // Long before: a device that nobody has signed, which gets no keys, but an Olm session.
  const { forged, machine } = await forgeMachine(victim.userId, "GHOST");
  let replaced = false;
  network.oneTimeKeys.set(`${victim.userId} GHOST`, forged.oneTimeKey);
  network.forgeKeys = (answer) => {
    if (!(victim.userId in answer.device_keys)) return;
    (answer.device_keys[victim.userId] ??= {})["GHOST"] = forged.deviceKeys;
    if (!replaced) return;
    (answer.master_keys ??= {})[victim.userId] = forged.masterKey;
    (answer.self_signing_keys ??= {})[victim.userId] = forged.selfSigningKey;
  };
  await network.tells(victim.userId);
  await say(client, roomId, responder.client);
  expect(network.addressedTo(victim.userId)).not.toContain(`${victim.userId} GHOST`);

  const show = async (isReplaced: boolean): Promise<void> => {
    replaced = isReplaced;
    await network.tells(victim.userId);
  };
  const played = new Promise<void>((resolve, reject) => {
    network.holds = (pathname, body) => {
      if (pathname.endsWith("/keys/claim") && body.includes("LURE") && !replaced)
        return show(true).catch(reject);
      if (!pathname.includes("/sendToDevice/") || !body.includes("GHOST")) return undefined;
      network.holds = () => undefined;
      return show(false).then(resolve, reject);
    };
  });
  await showLure(network, victim.userId);
  const before = network.events.length;
  await say(client, roomId, responder.client);
  await played;
  const sent = network.events.slice(before);
  expect(sent).not.toEqual([]);
  const { keys, opened } = await tries(machine, network, roomId, sent);
  expect(keys).toBeGreaterThan(0);
  expect(opened).toBe(0);
});

/** What a forged device makes of what it was sent. @returns how many room keys it got, how many of the events it opens */
async function tries(
  machine: OlmMachine,
  network: ForgingNetwork,
  roomId: string,
  events: readonly Readonly<Record<string, unknown>>[],
): Promise<{ keys: number; opened: number }> {
  const got = network.passed.filter(({ deviceId }) => deviceId === "GHOST");
  const settings = () => new DecryptionSettings(TrustRequirement.Untrusted);
  await machine.receiveSyncChanges(
    JSON.stringify(
      got.map(({ content }) => ({ type: "m.room.encrypted", sender: dispatcher.userId, content })),
    ),
    new DeviceLists(),
    new Map(),
    undefined,
    settings(),
  );
  let keys = 0;
  await machine.exportRoomKeys(() => {
    keys += 1;
    return false;
  });
  let opened = 0;
  for (const [index, content] of events.entries()) {
    const event = {
      type: "m.room.encrypted",
      event_id: `$tried${index}`,
      sender: dispatcher.userId,
      origin_server_ts: 0,
      room_id: roomId,
      content,
    };
    const read = machine.decryptRoomEvent(JSON.stringify(event), new RoomId(roomId), settings());
    await read.then(
      () => (opened += 1),
      () => undefined,
    );
  }
  machine.close();
  return { keys, opened };
}
