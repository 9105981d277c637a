import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ClientPort, RoomView, TimelineItem, Views } from "@hearth/client-core/contract.ts";
import { createNodeClient, MemoryStorage } from "@hearth/client-core/node.ts";
import { Rogue } from "../support/rogue.ts";
import { membershipsIn, until } from "../support/server.ts";
import { texts } from "../support/texts.ts";
import { signInAndUnlock } from "../support/unlock.ts";
import { confirm, must, startWorld, token, waitForView, type Member, type World } from "../support/world.ts";
import { CuttableNetwork } from "./support/cuttableNetwork.ts";

let world: World;
let dispatcher: Member;
let responder: Member;
let other: Member;
const open: ClientPort[] = [];

beforeAll(async () => {
  world = await startWorld({ web: false });
  await world.member("First Admin", ["admin"]);
  dispatcher = await world.member("Dora Dispatcher", ["dispatcher"]);
  responder = await world.member("Rio Responder", ["responder"]);
  other = await world.member("Rita Responder", ["responder"]);
});

afterAll(async () => {
  await Promise.all(open.map((client) => client.dispose()));
  await world[Symbol.asyncDispose]();
});

/** Another device of somebody, unlocked, that can be cut off and reloaded. */
async function device(member: Member, fetch?: CuttableNetwork["fetch"]) {
  const storage = new MemoryStorage();
  const network = new CuttableNetwork();
  const start = async () => {
    const client = await createNodeClient({
      baseUrl: world.instance.webUrl,
      storage,
      fetch: fetch ?? network.fetch,
    });
    open.push(client);
    return client;
  };
  const client = await start();
  await signInAndUnlock(client, member);
  await waitForView(client, "session", (v) => v.phase.kind === "ready", "unlocked");
  return { client, network, start };
}

/** Opens a request and waits until it has arrived. */
async function newRequest(client: ClientPort, description: string, invite: Member[] = []): Promise<string> {
  await must(client, "request.open", {
    fields: { description },
    invite: invite.map((member) => member.userId),
  });
  return rowOf(client, description);
}

/**
 * Waits until the dispatcher's client gives keys to this one of the responder's: what it writes before it knows that the
 * device is there, and signed, can never be read there. In a request of its own, so that no other has a gap.
 */
async function getsKeys(client: ClientPort): Promise<void> {
  const roomId = await newRequest(dispatcher.client, token(), [responder]);
  await must(client, "room.open", { roomId });
  await until("the device reads what is said", async () => {
    const body = `Example: ${token()}`;
    await must(dispatcher.client, "chat.send", { roomId, body });
    return waitForView(client, `room:${roomId}`, says(body), "read", 4_000).then(
      () => true,
      () => false,
    );
  });
}

/** The room of the request with this first line, once it has been sent. */
async function rowOf(client: ClientPort, title: string): Promise<string> {
  const view = await waitForView(
    client,
    "requests",
    (v) => v.rows.some((row) => row.title === title && row.roomId.startsWith("!") && !row.sending),
    `the request "${title}" is in the list`,
  );
  return view.rows.find((row) => row.title === title && row.roomId.startsWith("!"))?.roomId ?? "";
}

async function inRoom(
  client: ClientPort,
  roomId: string,
  wanted: (view: RoomView) => boolean,
  what: string,
): Promise<RoomView> {
  await must(client, "room.open", { roomId });
  return waitForView(client, `room:${roomId}`, wanted, what);
}

const says = (text: string) => (view: RoomView) =>
  view.timeline.some((item) => item.body.kind === "message" && item.body.text === text && isSent(item));
const isSent = (item: TimelineItem) => item.delivery.kind === "sent";

describe("two people and a request", () => {
  test("what the dispatcher opens appears readable with the responder, whose answer comes back", async () => {
    const title = token();
    const roomId = await newRequest(dispatcher.client, title, [responder]);
    expect(await rowOf(responder.client, title)).toBe(roomId);
    await inRoom(responder.client, roomId, (v) => v.request !== undefined, "the responder reads it");
    // Half of a pair of surrogates, as a field cuts an emoji: encrypted like that, nobody could read the message again.
    await must(responder.client, "chat.send", { roomId, body: "Example: leaving now \uD83D" });
    await must(responder.client, "request.do", {
      roomId,
      deed: { kind: "set_status", status: "on_the_way" },
    });
    const seen = await inRoom(
      dispatcher.client,
      roomId,
      (v) => v.request?.status === "on_the_way" && says("Example: leaving now \uFFFD")(v),
      "the dispatcher sees the answer",
    );
    expect(seen.request?.incomplete).toEqual([]);
    const log = seen.timeline.flatMap(({ body }) => (body.kind === "log" ? [body.text] : []));
    expect(log).toContain("Rio Responder set the status to On the way");
    expect(log).toContain("Dora Dispatcher opened the request");
  });

  test("[P8] a member who is not in the room sees nothing of it", async () => {
    const title = token();
    const roomId = await newRequest(dispatcher.client, title, [responder]);
    await rowOf(responder.client, title);
    // Something that comes later and does reach them: what was to come has come.
    await newRequest(dispatcher.client, `${title} for all`, [other]);
    await rowOf(other.client, `${title} for all`);
    expect(other.client.view("requests")?.rows.some((row) => row.title === title)).toBe(false);
    await must(other.client, "room.open", { roomId });
    expect(other.client.view(`room:${roomId}`)).toMatchObject({ status: "not_found", timeline: [] });
  });

  test("somebody added later reads what the request says from the summary, and the chat from then on", async () => {
    const title = token();
    const roomId = await newRequest(dispatcher.client, title);
    await must(dispatcher.client, "chat.send", { roomId, body: "Example: before they came" });
    await must(dispatcher.client, "request.do", {
      roomId,
      deed: { kind: "edit", changes: { location: "Example Street" } },
    });
    const answer = await must(dispatcher.client, "request.addPeople", { roomId, userIds: [other.userId] });
    expect(answer).toEqual({ added: [other.userId], failed: [] });
    await rowOf(other.client, title);
    const view = await inRoom(other.client, roomId, (v) => v.request !== undefined, "they read the summary");
    expect(view.request?.incomplete).toEqual([]);
    // By whoever was first of those who may: others write one too where the dispatcher's takes long.
    expect([dispatcher.userId, world.adminMember.userId]).toContain(view.request?.toldBy);
    expect(view.request?.fields.location).toBe("Example Street");
    expect(texts(view)).not.toContain("Example: before they came");
    expect(view.timeline.some((item) => item.body.kind === "unreadable")).toBe(true);
    await must(other.client, "chat.send", { roomId, body: "Example: here now" });
    await inRoom(dispatcher.client, roomId, says("Example: here now"), "the dispatcher reads them");
  });
});

describe("devices and people that come later", () => {
  test("[P8] a newly signed device gets no old keys, and reads the request from a summary that others write for it", async () => {
    const title = token();
    const roomId = await newRequest(dispatcher.client, title, [responder]);
    await rowOf(responder.client, title);
    const laptop = await device(responder);
    const view = await inRoom(laptop.client, roomId, (v) => v.request !== undefined, "the laptop reads it");
    expect(view.request).toMatchObject({ fields: { description: title }, incomplete: [] });
    expect(view.request?.toldBy).toBeDefined();
    expect(view.timeline.some((item) => item.body.kind === "unreadable")).toBe(true);
  });

  test("an admin made later is brought in by the bot, and reads the open requests from summaries", async () => {
    const title = token();
    await newRequest(dispatcher.client, title);
    const admin = await world.member("Demo Second Admin", ["admin"]);
    expect(await rowOf(admin.client, title)).toMatch(/^!/);
  });

  test("older messages come page by page until the beginning", async () => {
    const title = token();
    const roomId = await newRequest(dispatcher.client, title, [responder]);
    await rowOf(responder.client, title);
    for (let i = 0; i < 30; i += 1) await must(dispatcher.client, "chat.send", { roomId, body: String(i) });
    await must(dispatcher.client, "request.close", { roomId });
    await waitForView(dispatcher.client, "outbox", (v) => v.items.length === 0, "all sent");
    const late = await device(responder);
    const closed = (v: RoomView) => v.request?.closed !== undefined;
    // Nobody sums up a closed request for a new device: the summary that its closer wrote is older than the device.
    await inRoom(late.client, roomId, (v) => v.status === "ready", "the room is there");
    await inRoom(responder.client, roomId, closed, "closed for those who hold the keys");
    let more = true;
    while (more) ({ more } = await must(late.client, "room.loadOlder", { roomId }));
    const view = late.client.view(`room:${roomId}`);
    expect(view?.hasOlder).toBe(false);
    const unreadable = view?.timeline.filter((item) => item.body.kind === "unreadable");
    expect(unreadable?.length).toBeGreaterThanOrEqual(32);
  });
});

describe("order and gaps", () => {
  test("what was sent while a client was off is folded completely and in order", async () => {
    const title = token();
    const roomId = await newRequest(dispatcher.client, title, [responder]);
    const late = await device(responder);
    await getsKeys(late.client);
    await inRoom(late.client, roomId, (v) => v.status === "ready", "the late client knows the room");
    await must(dispatcher.client, "chat.send", { roomId, body: "0" });
    await inRoom(late.client, roomId, says("0"), "and reads what is new");
    await late.client.dispose();

    const sent = Array.from({ length: 60 }, (_, i) => String(i + 1));
    for (const body of sent) await must(dispatcher.client, "chat.send", { roomId, body });
    await must(dispatcher.client, "request.do", { roomId, deed: { kind: "set_status", status: "on_site" } });
    await inRoom(
      dispatcher.client,
      roomId,
      (v) => says("60")(v) && v.request?.status === "on_site",
      "all sent",
    );
    await waitForView(dispatcher.client, "outbox", (v) => v.waiting === 0, "the outbox is empty");

    const again = await late.start();
    const view = await inRoom(again, roomId, (v) => v.request?.status === "on_site", "folded to the end");
    expect(texts(view)).toEqual(["0", ...sent]);
    expect(view.request?.incomplete).toEqual([]);
    const counted = (v: Views["requests"]) =>
      v.rows.some((one) => one.roomId === roomId && one.unread === 62);
    await waitForView(again, "requests", counted, "all of it counts as unread");
  });

  test("[P9] the bot's answer is found that a held-up sync leaves out because others did much meanwhile", async () => {
    const admin = world.adminMember;
    let held: Promise<void> | undefined;
    const slow = await device(admin, async (url, init) => {
      if (!String(url).includes("/sync")) return fetch(url, init);
      await held;
      const answer = await fetch(url, init);
      // Under way when it was held up: lost, to be given once more.
      if (held) throw new TypeError("the network is slow");
      return answer;
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    held = promise;
    const asked = slow.client.run("policy.set", { name: "Team 0" });
    // Two events each in the admins’ room, of which a room's answer to a sync has the newest twenty.
    for (let i = 1; i <= 12; i += 1) await must(admin.client, "policy.set", { name: `Team ${i}` });
    held = undefined;
    resolve();
    expect(await asked).toMatchObject({ ok: true });
    await waitForView(slow.client, "org", ({ name }) => name === "Team 12", "it has caught up");
  });
});

describe("the outbox", () => {
  test("what is written without a network is kept over a reload, and sent in order and once", async () => {
    const desk = await device(dispatcher);
    const title = token();
    const known = await newRequest(desk.client, `${title} known`, [responder]);
    desk.network.cut();
    await waitForView(desk.client, "session", (v) => v.connection.kind === "waiting", "says that it waits");
    for (const body of ["a", "b", "c"]) await must(desk.client, "chat.send", { roomId: known, body });
    const { roomId: local } = await must(desk.client, "request.open", {
      fields: { description: title },
      invite: [responder.userId],
    });
    await must(desk.client, "request.do", {
      roomId: local,
      deed: { kind: "set_status", status: "finished" },
    });
    await must(desk.client, "chat.send", { roomId: local, body: "into the new one" });
    const waiting = await inRoom(
      desk.client,
      local,
      (v) => v.request !== undefined,
      "shown before it is sent",
    );
    expect(waiting.request?.status).toBe("finished");
    expect(waiting.timeline.every((item) => !isSent(item))).toBe(true);
    await desk.client.dispose();

    const again = await desk.start();
    const queued = await waitForView(again, "outbox", (v) => v.waiting > 0, "still waiting after a reload");
    expect(queued.failed).toBe(0);
    desk.network.mend();
    const roomId = await rowOf(again, title);
    const made = await inRoom(again, roomId, says("into the new one"), "arrived");
    expect(made.request?.status).toBe("finished");
    // The page that shows the local id goes on showing the same request.
    await inRoom(
      again,
      local,
      (v) => v.roomId === roomId && v.request?.status === "finished",
      "same request",
    );
    const seen = await inRoom(responder.client, known, says("c"), "the responder has them");
    expect(texts(seen)).toEqual(["a", "b", "c"]);
    await rowOf(responder.client, title);
    await waitForView(again, "outbox", (v) => v.items.length === 0, "nothing is left");
  });

  test.each(["not sent", "answer lost"] as const)(
    "a connection cut at each request of opening a request in turn (%s): one request, complete",
    async (cut) => {
      const desk = await device(dispatcher);
      for (let at = 1; at <= 6; at += 1) {
        const title = token();
        desk.network.mend(at, cut);
        await must(desk.client, "request.open", {
          fields: { description: title },
          invite: [responder.userId],
        });
        await until("the cut", () => Promise.resolve(desk.network.down || desk.network.asked.length > at));
        desk.network.mend();
        const roomId = await rowOf(desk.client, title);
        expect(await rowOf(responder.client, title)).toBe(roomId);
        const rows = responder.client.view("requests")?.rows.filter((row) => row.title === title);
        expect(rows).toHaveLength(1);
        const whole = (v: RoomView) => v.request?.incomplete.length === 0;
        const view = await inRoom(responder.client, roomId, whole, "readable, and nothing of it is missing");
        expect(view.timeline.some((item) => item.body.kind === "refused")).toBe(false);
      }
    },
  );

  test("a description of 70 kB and a message of 70 kB are refused with a sentence, and nothing is queued", async () => {
    const { client } = dispatcher;
    const long = "x".repeat(70_000);
    const opened = await client.run("request.open", { fields: { description: long }, invite: [] });
    expect(opened).toMatchObject({ ok: false, code: "invalid" });
    expect(opened.ok ? "" : opened.message).toMatch(/too long/);
    const roomId = await newRequest(client, token());
    const said = await client.run("chat.send", { roomId, body: long });
    expect(said).toMatchObject({ ok: false, code: "too_large" });
    expect(client.view("outbox")?.items).toEqual([]);
  });
});

describe("what other clients write", () => {
  test("valid encryption with wrong types, a future version, and what is not permitted change nothing and are shown", async () => {
    const title = token();
    const roomId = await newRequest(dispatcher.client, title, [responder]);
    await rowOf(responder.client, title);
    await using rogue = await Rogue.signIn(world.instance.homeserverUrl, responder);
    await rogue.signDevice();
    await until("the forger's client knows the room", () =>
      Promise.resolve(rogue.client.getRoom(roomId) !== null),
    );
    const device = rogue.client.getDeviceId();
    const envelope = (n: number) => ({
      v: 1,
      id: `AAAAAAAAAAAAAAAAAAAAA${n}`,
      device,
      seq: n,
      at: Date.now(),
      heads: [],
    });
    const forged = [
      await rogue.sendEncrypted(roomId, "org.hearth.request.status", { ...envelope(1), status: 7 }),
      await rogue.sendEncrypted(roomId, "org.hearth.request.edited", {
        ...envelope(2),
        v: 2,
        everything: {},
      }),
      await rogue.sendEncrypted(roomId, "org.hearth.request.closed", { ...envelope(3), outcome: "forged" }),
      await rogue.sendEncrypted(roomId, "m.room.message", { msgtype: "m.text", body: { not: "text" } }),
      await rogue.sendEncrypted(roomId, "org.example.unknown", { body: "?" }),
    ];
    // An event can be here before its key, or before the news that its device is signed.
    const opened = (v: RoomView, id: string) =>
      v.timeline.some((item) => item.id === id && item.body.kind !== "unreadable");
    const view = await inRoom(
      dispatcher.client,
      roomId,
      (v) => forged.every((id) => opened(v, id)),
      "all of it is opened",
    );
    const bodies = forged.map((id) => view.timeline.find((item) => item.id === id)?.body);
    expect(bodies.map((body) => body?.kind)).toEqual(Array(5).fill("refused"));
    expect(bodies[1]).toMatchObject({ reason: expect.stringContaining("newer version") as string });
    expect(bodies[2]).toMatchObject({ reason: expect.stringContaining("not permitted") as string });
    expect(view.request).toMatchObject({ status: "unassigned", fields: { description: title } });
    expect(view.request?.closed).toBeUndefined();
  });

  test("[P8] a member whose identity was replaced gets no key, is named, and the others talk on", async () => {
    const victim = await world.member("Remy Responder", ["responder"]);
    const title = token();
    const roomId = await newRequest(dispatcher.client, title, [responder, victim]);
    await rowOf(victim.client, title);
    await rowOf(responder.client, title);
    await must(dispatcher.client, "chat.send", { roomId, body: "Example: to all of you" });
    await inRoom(victim.client, roomId, says("Example: to all of you"), "they read it while all is well");

    await using thief = await Rogue.signIn(world.instance.homeserverUrl, victim);
    await thief.replaceIdentity();
    const withheld = await inRoom(
      dispatcher.client,
      roomId,
      (v) => v.withheld.some((one) => one.userId === victim.userId),
      "the dispatcher is told who gets no keys",
    );
    expect(withheld.withheld).toMatchObject([{ userId: victim.userId, name: "Remy Responder" }]);
    await waitForView(
      dispatcher.client,
      "team",
      (v) => v.members.some((one) => one.userId === victim.userId && one.identity === "changed"),
      "the team list says so too",
    );

    await must(dispatcher.client, "chat.send", { roomId, body: "Example: without them" });
    await inRoom(responder.client, roomId, says("Example: without them"), "the others talk on");
    // Somebody has looked: from now on they receive, and learn from a summary what the request says.
    await must(dispatcher.client, "member.acceptIdentity", { userId: victim.userId });
    const waiting = await inRoom(
      dispatcher.client,
      roomId,
      (v) => v.withheld.some((one) => one.reason.includes("not the ones that an admin confirmed")),
      "who is no admin has looked: the roster still names other keys",
    );
    expect(waiting.withheld).toMatchObject([{ userId: victim.userId }]);
    await confirm(world.adminMember.client, victim.userId);
    await inRoom(dispatcher.client, roomId, (v) => v.withheld.length === 0, "nobody is withheld");
    await must(dispatcher.client, "chat.send", { roomId, body: "Example: all again" });
    await thief.reads(roomId, "Example: all again");
    // A key would have come by now, had one been sent.
    const read = (await thief.encrypted(roomId)).filter((event) => event.readable).map(({ body }) => body);
    expect(read).not.toContain("Example: without them");
    expect(read).not.toContain("Example: to all of you");
  });
});

describe("without the bots", () => {
  test("[P10] staff open a request and talk while the bots are stopped, and the bots adopt it on their return", async () => {
    const { instance } = world;
    await instance.stopBots();
    const title = token();
    const roomId = await newRequest(dispatcher.client, title, [responder]);
    await rowOf(responder.client, title);
    await must(responder.client, "chat.send", { roomId, body: "Example: no bots needed" });
    await inRoom(dispatcher.client, roomId, says("Example: no bots needed"), "they talk");
    expect((await membershipsIn(instance, roomId))[instance.botUserId]).toBe("invite");
    // Org changes wait, and say so.
    const asked = await world.adminMember.client.run("role.grant", {
      userId: other.userId,
      role: "dispatcher",
    });
    expect(asked).toMatchObject({ ok: false, code: "no_answer" });
    await instance.startBots();
    await waitForView(
      dispatcher.client,
      "team",
      (v) => v.members.some((row) => row.userId === other.userId && row.roles.includes("dispatcher")),
      "the role that was asked for meanwhile is granted",
    );
    await until(
      "the bot joins",
      async () => (await membershipsIn(instance, roomId))[instance.botUserId] === "join",
    );
  });
});
