import { createCipheriv, createHash, randomBytes } from "node:crypto";
import { KeyGrant, writePart, type SharedKey, type KeyGrantContent } from "@hearth/protocol";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ClientPort, Views } from "@hearth/client-core/contract.ts";
import { createNodeClient, MemoryStorage } from "@hearth/client-core/node.ts";
import { refreshDevices } from "../../client-core/src/sdk/machine.ts";
import { Rogue } from "../support/rogue.ts";
import { texts } from "../support/texts.ts";
import { signInAndUnlock } from "../support/unlock.ts";
import { must, roomOf, startWorld, token, waitForView, type Member, type World } from "../support/world.ts";

/** Each check that a receiver makes of a grant, and somebody who tries to get round it from a client with none of ours. */
let world: World;
let admin: Member;
let responder: Member;
let colleague: Member;
/** The admin's account in another client, its device signed; the colleague's; the admin's, not signed. */
let forger: Rogue;
let insider: Rogue;
let stolen: Rogue;
let laptop: ClientPort;
let laptopId: string;
let roomId: string;
let words: string;
let foreignRoom: string;
let request: string;
let span: { from: number; to: number };

beforeAll(async () => {
  world = await startWorld({ web: false });
  admin = await world.member("First Admin", ["admin"]);
  responder = await world.member("Rio Responder", ["responder"]);
  colleague = await world.member("Dora Dispatcher", ["dispatcher"]);
  forger = await Rogue.signIn(world.instance.homeserverUrl, admin);
  await forger.signDevice();
  insider = await Rogue.signIn(world.instance.homeserverUrl, colleague);
  await insider.signDevice();
  roomId = await newRequest([responder]);
  foreignRoom = await newRequest([]);
  words = `Example: ${token()}`;
  await must(responder.client, "chat.send", { roomId, body: words });
  await forger.reads(roomId, words);
  stolen = await Rogue.signIn(world.instance.homeserverUrl, admin);
  laptop = await createNodeClient({ baseUrl: world.instance.webUrl, storage: new MemoryStorage() });
  await signInAndUnlock(laptop, responder);
  laptopId = laptop.view("session")?.deviceId ?? "";
  await must(laptop, "room.open", { roomId });
});

afterAll(async () => {
  await Promise.all([
    laptop.dispose(),
    ...[forger, insider, stolen].map((each) => each[Symbol.asyncDispose]()),
  ]);
  await world[Symbol.asyncDispose]();
});

/** The policy lets nobody answer by itself: what comes, comes from a forger. */
beforeEach(async () => {
  ({ request } = await must(laptop, "access.ask", { kind: "window", code: "new_device" }));
  const { from, to } = ask();
  span = { from, to };
});
afterEach(() => must(laptop, "access.withdraw", { request }));

async function newRequest(people: readonly Member[]): Promise<string> {
  const title = token();
  const invite = people.map(({ userId }) => userId);
  await must(colleague.client, "request.open", { fields: { description: title }, invite });
  const room = await roomOf(colleague.client, title);
  for (const { client } of [admin, ...people]) expect(await roomOf(client, title)).toBe(room);
  return room;
}

function ask(): Views["access"]["mine"][number] {
  const found = laptop.view("access")?.mine.find((each) => each.request === request);
  if (!found) throw new Error("there is no such ask");
  return found;
}

/** Encrypted as any Matrix client does it, with whatever inside. */
async function tell(from: Rogue, content: object, to = { userId: responder.userId, deviceId: laptopId }) {
  const crypto = from.client.getCrypto();
  await refreshDevices(from.client, [to.userId]);
  const batch = await crypto?.encryptToDeviceMessages(KeyGrant.type, [to], content);
  if (!batch || batch.batch.length === 0) throw new Error("the device is not known");
  await from.client.queueToDevice(batch);
}

/** The keys of a room as this account has them. */
async function keysOf(from: Rogue, room: string): Promise<SharedKey[]> {
  const all = (await from.client.getCrypto()?.exportRoomKeys()) ?? [];
  return all
    .filter((key) => key.room_id === room)
    .map((key) => ({
      roomId: room as SharedKey["roomId"],
      sessionId: key.session_id,
      sessionKey: key.session_key,
      senderKey: key.sender_key,
      claimedEd25519: key.sender_claimed_keys["ed25519"],
      at: span.from,
    }));
}

type Sealed = { bytes: Buffer<ArrayBuffer>; part: Omit<KeyGrantContent["parts"][number], "url"> };

function seal(plain: string, sessions: number): Sealed {
  const [key, iv] = [randomBytes(32), Buffer.concat([randomBytes(8), Buffer.alloc(8)])];
  const cipher = createCipheriv("aes-256-ctr", key, iv);
  const bytes = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]);
  return {
    bytes,
    part: {
      key: key.toString("base64url"),
      iv: iv.toString("base64url"),
      sha256: createHash("sha256").update(bytes).digest("base64url"),
      bytes: bytes.length,
      sessions,
    },
  };
}

async function upload(from: Rogue, bytes: Buffer<ArrayBuffer>): Promise<string> {
  const answer = await fetch(`${world.instance.homeserverUrl}/_matrix/media/v3/upload`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${from.client.getAccessToken()}`,
      "content-type": "application/octet-stream",
    },
    body: bytes,
  });
  return ((await answer.json()) as { content_uri: string }).content_uri;
}

async function grantOf(from: Rogue, keys: readonly SharedKey[], more: Partial<KeyGrantContent> = {}) {
  const { bytes, part } = seal(writePart(request as never, 0, keys), Math.max(1, keys.length));
  const parts = [{ ...part, url: await upload(from, bytes) }];
  return { v: 1, request, ...span, until: Date.now() + 3_600_000, parts, ...more };
}

/** Waits for the laptop's word on why it took nothing. */
async function refusedAs(reason: string, sender: string): Promise<void> {
  await waitForView(
    laptop,
    "access",
    (v) => v.refused[0]?.reason === reason && v.refused[0].sender === sender,
    `refused: ${reason}`,
  );
  expect(ask().state).toBe("waiting");
  expect(texts(laptop.view(`room:${roomId}`))).not.toContain(words);
}

async function failsWith(problem: RegExp): Promise<void> {
  const view = await waitForView(
    laptop,
    "access",
    (v) => v.mine.some((each) => each.request === request && each.state === "failed"),
    "it failed",
  );
  expect(view.mine.find((each) => each.request === request)?.problem).toMatch(problem);
  expect(texts(laptop.view(`room:${roomId}`))).not.toContain(words);
}

describe("[P6] who may give", () => {
  test("[Q1] a grant in the clear, from an admin's signed device", async () => {
    const content = await grantOf(forger, await keysOf(forger, roomId));
    const path = `/_matrix/client/v3/sendToDevice/${KeyGrant.type}/${token()}`;
    const answer = await fetch(world.instance.homeserverUrl + path, {
      method: "PUT",
      headers: { authorization: `Bearer ${forger.client.getAccessToken()}` },
      body: JSON.stringify({ messages: { [responder.userId]: { [laptopId]: content } } }),
    });
    expect(answer.status).toBe(200);
    await refusedAs("not_encrypted", "");
  });

  test("[Q2] one from an admin's account, on a device that the admin has not signed", async () => {
    await tell(stolen, await grantOf(forger, await keysOf(forger, roomId)));
    await refusedAs("unsigned_device", admin.userId);
  });

  test("[Q3] one from a colleague who is no admin, on a signed device", async () => {
    await tell(insider, await grantOf(insider, await keysOf(forger, roomId)));
    await refusedAs("not_an_admin", colleague.userId);
  });
});

describe("[P6] what may be given", () => {
  test("[Q4] nothing that was not asked for: another request's id, wider, too long, over, malformed, too large", async () => {
    const keys = await keysOf(forger, roomId);
    const cases: [string, object][] = [
      ["not_asked", await grantOf(forger, keys, { request: "A".repeat(22) as never })],
      ["wider_than_asked", await grantOf(forger, keys, { from: (span.from - 1) as never })],
      ["wider_than_asked", await grantOf(forger, keys, { to: (span.to + 1) as never })],
      ["expired", await grantOf(forger, keys, { until: (Date.now() - 1) as never })],
      ["too_long", await grantOf(forger, keys, { until: (Date.now() + 400 * 86_400_000) as never })],
      ["malformed", { ...(await grantOf(forger, keys)), parts: "none" }],
      ["too_large", { ...(await grantOf(forger, keys)), padding: "x".repeat(40_000) }],
    ];
    for (const [reason, content] of cases) {
      await tell(forger, content);
      await refusedAs(reason, admin.userId);
    }
  });

  test("[Q4] another person's request id", async () => {
    const other = await must(colleague.client, "access.ask", { kind: "window", code: "new_here" });
    await tell(
      forger,
      await grantOf(forger, await keysOf(forger, roomId), { request: other.request as never }),
    );
    await refusedAs("not_asked", admin.userId);
  });

  test("[Q5] a file that is truncated, exchanged, for another request, longer than announced, or gone", async () => {
    const keys = await keysOf(forger, roomId);
    const whole = seal(writePart(request as never, 0, keys), keys.length);
    const other = seal(writePart("B".repeat(22) as never, 0, keys), keys.length);
    const files: [Buffer<ArrayBuffer>, Sealed["part"], RegExp][] = [
      [whole.bytes.subarray(0, -20), whole.part, /damaged or exchanged/],
      [other.bytes, whole.part, /damaged or exchanged/],
      [other.bytes, other.part, /not what was announced/],
      [Buffer.concat([whole.bytes, Buffer.alloc(900_000)]), whole.part, /damaged or exchanged/],
    ];
    for (const [bytes, part, problem] of files) {
      const parts = [{ ...part, url: await upload(forger, bytes) }];
      await tell(forger, await grantOf(forger, keys, { parts }));
      await failsWith(problem);
      await must(laptop, "access.withdraw", { request });
      ({ request } = await must(laptop, "access.ask", { kind: "window", code: "new_device" }));
      span = { from: ask().from, to: ask().to };
      Object.assign(whole, seal(writePart(request as never, 0, keys), keys.length));
    }
    const gone = [{ ...whole.part, url: `mxc://${world.instance.serverName}/thereIsNone` }];
    await tell(forger, await grantOf(forger, keys, { parts: gone }));
    await failsWith(/no longer on the server/);
  });

  test("[Q5] [P3] keys of rooms that the receiver is not in, of other times, and ten megabytes of one session", async () => {
    const foreign = await keysOf(forger, foreignRoom);
    expect(foreign.length).toBeGreaterThan(0);
    const [key] = await keysOf(forger, roomId);
    if (!key) throw new Error("the forger has no key");
    const before = { ...key, at: span.from - 1 };
    const fat = { ...key, sessionKey: "A".repeat(700_000) };
    await tell(forger, await grantOf(forger, [...foreign, before, fat]));
    const view = await waitForView(
      laptop,
      "access",
      (v) => v.mine.some((each) => each.request === request && each.state === "given"),
      "it came to its end",
    );
    expect(view.mine.find((each) => each.request === request)?.keys).toBe(0);
    expect(texts(laptop.view(`room:${roomId}`))).not.toContain(words);
    const tooMuch = await grantOf(forger, [key]);
    ({ request } = await must(laptop, "access.ask", { kind: "window", code: "new_device" }));
    const parts = tooMuch.parts.map((part) => ({ ...part, bytes: 10_000_000 }));
    await tell(forger, { ...tooMuch, request, parts });
    await refusedAs("malformed", admin.userId);
  });

  test("[Q6] a worse copy of a key changes nothing; one that comes again is not taken twice", async () => {
    const keys = await keysOf(forger, roomId);
    const good = await grantOf(forger, keys);
    await tell(forger, good);
    await waitForView(laptop, `room:${roomId}`, (v) => texts(v).includes(words), "it can be read");
    await tell(forger, good);
    await waitForView(
      laptop,
      "access",
      (v) => v.refused[0]?.reason === "already_answered",
      "a replay is refused",
    );

    ({ request } = await must(laptop, "access.ask", { kind: "window", code: "new_device" }));
    span = { from: ask().from, to: ask().to };
    // The same session, as if it began later: what comes before could not be read any more.
    await tell(
      forger,
      await grantOf(
        forger,
        keys.map((key) => ({ ...key, sessionKey: begunLater(key.sessionKey) })),
      ),
    );
    const view = await waitForView(
      laptop,
      "access",
      (v) => v.mine.some((each) => each.request === request && each.state === "given"),
      "it came to its end",
    );
    expect(view.mine.find((each) => each.request === request)?.keys).toBe(0);
    await must(laptop, "room.close", { roomId });
    await must(laptop, "room.open", { roomId });
    await waitForView(laptop, `room:${roomId}`, (v) => texts(v).includes(words), "it can still be read");
  });
});

/** Not a real ratchet: the index alone says that it opens less. */
function begunLater(sessionKey: string): string {
  const bytes = Buffer.from(sessionKey, "base64");
  bytes.writeUInt32BE(bytes.readUInt32BE(1) + 1000, 1);
  return bytes.toString("base64").replaceAll("=", "");
}
