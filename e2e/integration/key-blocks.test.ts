import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ClientPort, RoomView, Views } from "@hearth/client-core/contract.ts";
import { createNodeClient, MemoryStorage } from "@hearth/client-core/node.ts";
import { Rogue, type RogueEvent } from "../support/rogue.ts";
import { until } from "../support/server.ts";
import { texts } from "../support/texts.ts";
import { signInAndUnlock } from "../support/unlock.ts";
import { must, roomOf, startWorld, token, waitForView, type Member, type World } from "../support/world.ts";
import { CuttableNetwork } from "./support/cuttableNetwork.ts";
import { DeviceStore, roomKeyRows } from "./support/deviceStore.ts";

const BLOCK_MS = 2000;

let world: World;
let admin: Member;
let dispatcher: Member;
let responder: Member;
let rogue: Rogue;
/** A request in which a device that is new is told things until it can read them: from then on it is given keys. */
let lobby: string;
const open: ClientPort[] = [];

beforeAll(async () => {
  world = await startWorld({ web: false });
  admin = await world.member("First Admin", ["admin"]);
  dispatcher = await world.member("Dora Dispatcher", ["dispatcher"]);
  responder = await world.member("Rio Responder", ["responder"]);
  rogue = await Rogue.signIn(world.instance.homeserverUrl, admin);
  await rogue.signDevice();
  lobby = await newRequest();
});

afterAll(async () => {
  await rogue[Symbol.asyncDispose]();
  await Promise.all(open.map((client) => client.dispose()));
  await world[Symbol.asyncDispose]();
});

/** Another device of somebody, unlocked, that can be cut off and reloaded. */
async function device(member: Member) {
  const storage = new MemoryStorage();
  const network = new CuttableNetwork((line) => line.startsWith("PUT ") && line.includes("/send/"));
  const start = async () => {
    const client = await createNodeClient({ baseUrl: world.instance.webUrl, storage, fetch: network.fetch });
    open.push(client);
    return client;
  };
  const client = await start();
  await signInAndUnlock(client, member);
  return { client, network, start, storage };
}

async function setPolicy(policy: { key_block?: string; key_window?: string }): Promise<void> {
  await must(admin.client, "policy.set", policy);
  const arrived = (v: Views["org"]) => {
    const now: Record<string, unknown> = { ...v.policy };
    return Object.entries(policy).every(([field, value]) => now[field] === value);
  };
  for (const { client } of [admin, dispatcher, responder])
    await waitForView(client, "org", arrived, "the policy has arrived");
}

/** A request that all three can write in, and a message, which the rogue has read. */
async function newRequest(): Promise<string> {
  const title = token();
  await must(dispatcher.client, "request.open", {
    fields: { description: title },
    invite: [responder.userId],
  });
  const roomId = await roomOf(dispatcher.client, title);
  for (const { client } of [admin, responder]) expect(await roomOf(client, title)).toBe(roomId);
  // Said again until it is read: the dispatcher's client may not have heard yet of a device that was signed just now.
  await until("the rogue reads what is said", async () => {
    const first = `Example: ${token()}`;
    await say(dispatcher.client, roomId, first);
    const isRead = async () => (await rogue.encrypted(roomId)).some(({ body }) => body === first);
    return until("it is read", isRead, 4_000).then(
      () => true,
      () => false,
    );
  });
  return roomId;
}

const say = (client: ClientPort, roomId: string, body: string) => must(client, "chat.send", { roomId, body });
const allSent = (client: ClientPort) =>
  waitForView(client, "outbox", (v) => v.items.length === 0, "everything has been sent");

/** Waits for the length of what the policy calls a block: until the next one has begun. */
async function nextBlock(): Promise<void> {
  const block = Math.floor(Date.now() / BLOCK_MS);
  await until("the next block begins", () => Promise.resolve(Math.floor(Date.now() / BLOCK_MS) > block));
}

/** Which blocks were named inside the ciphertexts of each session, as another client reads them. */
async function blocksOfSessions(roomId: string, since: string): Promise<Map<string, Set<unknown>>> {
  let newer: RogueEvent[] = [];
  // An event, a summary that somebody has just written, say, can be here before its key.
  await until("all of it is read", async () => {
    const all = await rogue.encrypted(roomId);
    newer = all.slice(0, all.findIndex(({ body }) => body === since) + 1);
    return newer.every(({ readable }) => readable);
  });
  expect(newer.length).toBeGreaterThan(0);
  const sessions = new Map<string, Set<unknown>>();
  for (const { sessionId, content } of newer) {
    expect(content["org.hearth.block"]).toBeTypeOf("number");
    sessions.set(sessionId, (sessions.get(sessionId) ?? new Set()).add(content["org.hearth.block"]));
  }
  return sessions;
}

function expectOneBlockEach(sessions: ReadonlyMap<string, ReadonlySet<unknown>>, leastBlocks: number): void {
  for (const blocks of sessions.values()) expect([...blocks]).toHaveLength(1);
  expect(new Set([...sessions.values()].flatMap((blocks) => [...blocks])).size).toBeGreaterThanOrEqual(
    leastBlocks,
  );
}

describe("no session spans two key blocks", () => {
  beforeAll(() => setPolicy({ key_block: "PT2S" }));

  test("[P3] [K2] two people and two devices of one, writing at the same time through several blocks", async () => {
    const roomId = await newRequest();
    const other = await newRequest();
    const laptop = await device(responder);
    const clients = [dispatcher.client, responder.client, laptop.client];
    const start = `Example: ${token()}`;
    await say(dispatcher.client, roomId, start);
    await allSent(dispatcher.client);
    for (let round = 0; round < 4; round += 1) {
      await Promise.all(
        clients.flatMap((client, i) =>
          [roomId, other].map((room) => say(client, room, `Example: ${round} by ${i}`)),
        ),
      );
      await Promise.all(clients.map(allSent));
      await nextBlock();
    }
    for (let i = 0; i < clients.length; i += 1) await rogue.reads(roomId, `Example: 3 by ${i}`);
    const sessions = await blocksOfSessions(roomId, start);
    expectOneBlockEach(sessions, 4);
    // Each device begins one of its own in each block.
    expect(sessions.size).toBeGreaterThanOrEqual(4 * clients.length);
    await laptop.client.dispose();
  });

  test("[P3] [K2] a send that failed in one block goes out in a later one's session", async () => {
    const roomId = await newRequest();
    const phone = await device(responder);
    const start = `Example: ${token()}`;
    await say(phone.client, roomId, start);
    await allSent(phone.client);
    // Encrypted, sent, and no answer: once before the homeserver had it, once after.
    for (const cut of ["not sent", "answer lost"] as const) {
      await nextBlock();
      phone.network.mend(1, cut);
      await say(phone.client, roomId, `Example: ${cut}`);
      await until("the network is down", () => Promise.resolve(phone.network.down));
      await nextBlock();
      phone.network.mend();
      await allSent(phone.client);
      await rogue.reads(roomId, `Example: ${cut}`);
    }
    expectOneBlockEach(await blocksOfSessions(roomId, start), 3);
    await phone.client.dispose();
  });

  test("[P3] [K2] a device restarted in another block begins a new session, its unsent message included", async () => {
    const roomId = await newRequest();
    const phone = await device(responder);
    const start = `Example: ${token()}`;
    await say(phone.client, roomId, start);
    await allSent(phone.client);
    phone.network.mend(1);
    await say(phone.client, roomId, "Example: before the restart");
    await phone.client.dispose();
    await nextBlock();
    phone.network.mend();
    const again = await phone.start();
    await say(again, roomId, "Example: after the restart");
    await allSent(again);
    await rogue.reads(roomId, "Example: after the restart");
    expectOneBlockEach(await blocksOfSessions(roomId, start), 2);
    await again.dispose();
  });

  test("[K2] a changed block length counts on clients that are running", async () => {
    await setPolicy({ key_block: "P1D" });
    const roomId = await newRequest();
    const blockOf = async (body: string) => {
      await say(responder.client, roomId, body);
      await rogue.reads(roomId, body);
      const found = (await rogue.encrypted(roomId)).find((event) => event.body === body);
      return Number(found?.content["org.hearth.block"]);
    };
    expect((await blockOf("Example: a day")) % 86_400_000).toBe(0);
    await setPolicy({ key_block: "PT2S" });
    // Nor one before that, in which a message that takes its time would go out at midnight.
    await until("no block of two seconds begins at midnight", () =>
      Promise.resolve((Date.now() + 60_000) % 86_400_000 > 60_000 + BLOCK_MS),
    );
    const short = await blockOf("Example: two seconds");
    expect(short % BLOCK_MS).toBe(0);
    expect(short % 86_400_000).not.toBe(0);
  });
});

async function inRoom(client: ClientPort, roomId: string, wanted: (v: RoomView) => boolean, what: string) {
  await must(client, "room.open", { roomId });
  return waitForView(client, `room:${roomId}`, wanted, what);
}

const has = (text: string) => (view: RoomView) => texts(view).includes(text);
/** The message is gone, and the person is told since when they are kept. */
const hasForgotten = (text: string) => (view: RoomView) =>
  // While a store is rotated, a room is loading and shows nothing.
  view.status === "ready" && !has(text)(view) && view.notKept?.keysRemain === false && !view.hasOlder;

/** Does it again until the device shows it: with a window of seconds, what reaches it late is past it by then. */
async function untilSeen(
  client: ClientPort,
  roomId: string,
  act: () => Promise<(view: RoomView) => boolean>,
): Promise<RoomView> {
  await must(client, "room.open", { roomId });
  let seen: RoomView | undefined;
  await until("what is new is seen", async () => {
    const wanted = await act();
    seen = await waitForView(client, `room:${roomId}`, wanted, "what is new", 4_000).catch(() => undefined);
    return seen !== undefined;
  });
  return seen ?? expect.fail("nothing was seen");
}

/** Something that the dispatcher says now is read. */
const hearsNews = (client: ClientPort, roomId: string) =>
  untilSeen(client, roomId, async () => {
    const word = `Example: ${token()}`;
    await say(dispatcher.client, roomId, word);
    return has(word);
  });

/** A responder's device that has read `secret` in a request that says `field`, with days' worth of window. */
async function deviceThatRead(close = false) {
  await setPolicy({ key_block: "PT2S", key_window: "P1D" });
  const phone = await device(responder);
  // What is written for it before the dispatcher's client knows that it is there, and signed, it never reads.
  await hearsNews(phone.client, lobby);
  const roomId = await newRequest();
  const [secret, field] = [`Example: ${token()}`, token()];
  await must(dispatcher.client, "request.do", {
    roomId,
    deed: { kind: "edit", changes: { location: field } },
  });
  await say(dispatcher.client, roomId, secret);
  if (close) await must(dispatcher.client, "request.close", { roomId });
  const read = (v: RoomView) =>
    has(secret)(v) && v.request?.fields.location === field && (!close || v.request.closed !== undefined);
  for (const { client } of [phone, responder, admin])
    await inRoom(client, roomId, read, "the message is read");
  await rogue.reads(roomId, secret);
  const event = (await rogue.encrypted(roomId)).find(({ body }) => body === secret);
  if (!event) throw new Error("the message is not on the server");
  const rows = await roomKeyRows(phone.storage);
  expect(rows.length).toBeGreaterThan(0);
  /** Each row of a key that this device had when it had read all this is gone. */
  const keysGone = () =>
    until("the rows of old keys are deleted", async () => {
      const now = new Set(await roomKeyRows(phone.storage));
      return rows.every((row) => !now.has(row));
    });
  return { ...phone, roomId, secret, field, event, keysGone };
}

describe("what is past the key window", () => {
  test("[P3] is gone from a running staff device when policy says so: keys, rows, plaintext; an admin reads on", async () => {
    const { client, start, storage, roomId, secret, field, event, keysGone } = await deviceThatRead();
    // The control: with the window not over, all of it is there.
    await client.dispose();
    {
      await using before = await DeviceStore.open(storage);
      expect(await before.sessionIds()).toContain(event.sessionId);
      expect(await before.canRead(event.raw)).toBe(true);
      expect(before.records).toContain(field);
    }
    const phone = await start();
    await inRoom(phone, roomId, has(secret), "the message is read after a restart");
    await setPolicy({ key_window: "PT6S" });
    const view = await inRoom(phone, roomId, hasForgotten(secret), "the message is gone");
    expect(view.request).toMatchObject({ fields: { location: field }, incomplete: [] });
    await inRoom(responder.client, roomId, hasForgotten(secret), "it is gone from the other device too");
    await keysGone();
    await phone.dispose();
    {
      await using after = await DeviceStore.open(storage);
      expect(await after.sessionIds()).not.toContain(event.sessionId);
      expect(await after.canRead(event.raw)).toBe(false);
      expect(after.records).not.toContain(secret);
      // What an open request says is carried on.
      expect(after.records).toContain(field);
    }
    const again = await start();
    const carried = await inRoom(again, roomId, hasForgotten(secret), "still gone after a restart");
    expect(carried.request).toMatchObject({ fields: { location: field }, incomplete: [] });
    expect(texts(await inRoom(admin.client, roomId, has(secret), "the admin reads it"))).toContain(secret);
    // The request goes on: what is written now is read, and changes what it says.
    await untilSeen(again, roomId, async () => {
      const location = token();
      await must(dispatcher.client, "request.do", { roomId, deed: { kind: "edit", changes: { location } } });
      return (v) => v.request?.fields.location === location;
    });
    await again.dispose();
  });

  test("[P3] what a closed request said goes with its closing", async () => {
    const { client, storage, roomId, secret, field, keysGone } = await deviceThatRead(true);
    await setPolicy({ key_window: "PT6S" });
    await inRoom(client, roomId, (v) => hasForgotten(secret)(v) && !v.request, "the request is gone");
    await keysGone();
    await client.dispose();
    await using after = await DeviceStore.open(storage);
    expect(after.records).not.toContain(secret);
    expect(after.records).not.toContain(field);
  });

  test("[P3] what a request said that was closed while a device was off goes when it is back", async () => {
    const { client, start, storage, roomId, secret, field } = await deviceThatRead();
    await client.dispose();
    await must(dispatcher.client, "request.close", { roomId });
    await inRoom(responder.client, roomId, (v) => v.request?.closed !== undefined, "it is closed");
    await setPolicy({ key_window: "PT6S" });
    await inRoom(
      responder.client,
      roomId,
      (v) => hasForgotten(secret)(v) && !v.request,
      "the window is over",
    );
    const again = await start();
    await inRoom(again, roomId, (v) => hasForgotten(secret)(v) && !v.request, "the request is gone");
    await again.dispose();
    await using after = await DeviceStore.open(storage);
    expect(after.records).not.toContain(secret);
    expect(after.records).not.toContain(field);
  });

  test("[P3] a device that was off forgets at its next start, also a key that came to it late", async () => {
    const { client, start, storage, network, roomId, secret, event, keysGone } = await deviceThatRead();
    await client.dispose();
    await setPolicy({ key_window: "PT6S" });
    await inRoom(responder.client, roomId, hasForgotten(secret), "the window is over");
    const phone = await start();
    await inRoom(phone, roomId, hasForgotten(secret), "it forgets when it is back");
    await keysGone();
    await phone.dispose();
    const exported = await rogue.client.getCrypto()?.exportRoomKeys();
    {
      await using late = await DeviceStore.open(storage);
      expect(await late.canRead(event.raw)).toBe(false);
      await late.crypto.importRoomKeys(exported?.filter((key) => key.session_id === event.sessionId) ?? []);
      expect(await late.canRead(event.raw)).toBe(true);
    }
    const again = await start();
    await inRoom(again, roomId, hasForgotten(secret), "not shown");
    // One whose key and event come only now: the device was cut off until its window was over.
    network.cut();
    const missed = `Example: ${token()}`;
    await say(dispatcher.client, roomId, missed);
    // By those whom no window hurries.
    await inRoom(admin.client, roomId, has(missed), "the admin reads it");
    await rogue.reads(roomId, missed);
    const said = Date.now();
    await until("its window is over too", () => Promise.resolve(Date.now() > said + 6_000));
    const missedEvent = (await rogue.encrypted(roomId)).find(({ body }) => body === missed);
    network.mend();
    expect(texts(await hearsNews(again, roomId))).not.toContain(missed);
    await again.dispose();
    // If it was ended before it had stored what it heard, the next start hears it once more.
    const last = await start();
    expect(texts(await hearsNews(last, roomId))).not.toContain(missed);
    await last.dispose();
    await (await start()).dispose();
    await using after = await DeviceStore.open(storage);
    expect(await after.canRead(event.raw)).toBe(false);
    expect(await after.canRead(missedEvent?.raw ?? {})).toBe(false);
    expect(after.records).not.toContain(missed);
  });

  test("[P3] leaving and being invited again, by a client that shares old keys, brings nothing back", async () => {
    const { client, storage, roomId, secret, event, keysGone } = await deviceThatRead();
    await setPolicy({ key_window: "PT6S" });
    await inRoom(client, roomId, hasForgotten(secret), "the message is gone");
    await keysGone();
    await rogue.client.kick(roomId, responder.userId);
    await waitForView(client, `room:${roomId}`, (v) => v.status === "not_found", "out of the room");
    await rogue.inviteWithOldKeys(roomId, responder.userId);
    expect(await inRoom(client, roomId, (v) => v.status === "ready", "in again")).toBeDefined();
    expect(texts(await hearsNews(client, roomId))).not.toContain(secret);
    // What the invite brought along is deleted when it is noticed.
    await keysGone();
    await client.dispose();
    await using after = await DeviceStore.open(storage);
    expect(await after.canRead(event.raw)).toBe(false);
    expect(await after.sessionIds()).not.toContain(event.sessionId);
    expect(after.records).not.toContain(secret);
  });
});
