import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { RoomView, Views } from "@hearth/client-core/contract.ts";
import { createNodeClient, MemoryStorage } from "@hearth/client-core/node.ts";
import { Rogue } from "../support/rogue.ts";
import { until } from "../support/server.ts";
import { signInAndUnlock } from "../support/unlock.ts";
import {
  confirm,
  must,
  roomOf,
  startWorld,
  token,
  waitForView,
  type Member,
  type World,
} from "../support/world.ts";
import {
  hasLookedAround,
  identity,
  knowEachOther,
  newDevice,
  phase,
  putAway,
  toEmoji,
  unlocked,
  type Fetch,
} from "./support/comparing.ts";

let world: World;
let ada: Member;
let ben: Member;

beforeAll(async () => {
  world = await startWorld({ web: false });
  await world.member("First Admin", ["admin"]);
  ada = await world.member("Dora Dispatcher", ["dispatcher"]);
  ben = await world.member("Rio Responder", ["responder"]);
  await knowEachOther(ada, ben);
});

afterAll(() => world[Symbol.asyncDispose]());

const SYNC = "/org.matrix.simplified_msc3575/sync";

test("[P8] who had no device when a request was written reads it soon after signing one, without anybody’s doing", async () => {
  const away = await world.member("Demo Away", ["responder"]);
  await knowEachOther(ada, away);
  await must(away.client, "session.signOut", {});
  const title = `Example: ${token()}`;
  const location = token();
  await must(ada.client, "request.open", {
    fields: { description: title, location },
    invite: [away.userId],
  });
  const roomId = await roomOf(ada.client, title);
  await must(ada.client, "chat.send", { roomId, body: "Example: before there was a device" });
  const back = await unlocked(world, away);
  const { rows } = await waitForView(
    back,
    "requests",
    (view) => view.rows.some((row) => row.title === title && row.problem === undefined),
    "the request can be read",
  );
  expect(rows.find((row) => row.title === title)).toMatchObject({ location });
});

describe("a new device of one's own", () => {
  test("is heard also where the news of it has not arrived yet", async () => {
    let late = false;
    const fetchLate: Fetch = async (url, init) => {
      const answer = await fetch(url, init);
      if (!late || !new URL(url).pathname.endsWith(SYNC) || !answer.ok) return answer;
      const body = (await answer.json()) as { extensions?: { e2ee?: { device_lists?: unknown } } };
      delete body.extensions?.e2ee?.device_lists;
      return Response.json(body, { status: answer.status });
    };
    const laptop = await unlocked(world, ben, undefined, fetchLate);
    late = true;
    const fresh = await newDevice(world, ben);
    await must(fresh, "verification.start", {});
    await phase(laptop, "asked");
    // Else the ask could come there when it is taken back already, and ring in the next test.
    await phase(ben.client, "asked");
    await must(fresh, "verification.cancel", {});
    await phase(laptop, "none");
    await phase(ben.client, "none");
    for (const client of [fresh, laptop]) await must(client, "session.signOut", {});
  });

  test("is heard by others also where the answer that tells of its signature has not arrived yet", async () => {
    let late = false;
    const asks = Promise.withResolvers<void>();
    const answerLate: Fetch = async (url, init) => {
      const { pathname } = new URL(url);
      if (late && pathname.endsWith("/keys/query")) await asks.promise;
      const answer = await fetch(url, init);
      if (late && pathname.endsWith(SYNC) && (await answer.clone().text()).includes("verification.request"))
        asks.resolve();
      return answer;
    };
    const fresh = await newDevice(world, ben);
    const laptop = await unlocked(world, ada, undefined, answerLate);
    await identity(laptop, ben, "fine");
    late = true;
    await must(fresh, "encryption.unlock", { recoveryKey: ben.recoveryKey });
    await waitForView(fresh, "team", (v) => v.members.some((m) => m.userId === ada.userId), "knows Ada");
    await untilOk(() => fresh.run("verification.start", { userId: ada.userId }));
    for (const client of [laptop, ada.client]) await phase(client, "asked");
    await must(fresh, "verification.cancel", {});
    for (const client of [laptop, ada.client]) await phase(client, "none");
    for (const client of [fresh, laptop]) await must(client, "session.signOut", {});
  });

  for (const way of ["emoji", "code"] as const)
    test(`[P8] is signed by another device by ${way}, without the recovery key, and holds the keys to sign others`, async () => {
      const fresh = await newDevice(world, ben);
      await must(fresh, "verification.start", {});
      const asked = await waitForView(ben.client, "verification", (v) => v.phase.kind === "asked", "asked");
      expect(asked.other).toMatchObject({ self: true, deviceName: "Hearth on Node" });
      await must(ben.client, "verification.accept", {});
      if (way === "emoji") {
        await phase(fresh, "choose");
        await must(fresh, "verification.chooseEmoji", {});
        const mine = await phase(fresh, "emoji");
        expect((await phase(ben.client, "emoji")).emoji).toEqual(mine.emoji);
        await must(fresh, "verification.confirm", {});
      } else {
        const { qr } = await phase(fresh, "choose", (choose) => choose.qr !== undefined);
        await must(ben.client, "verification.scan", { data: qr ?? "" });
        await phase(fresh, "scanned");
        await must(fresh, "verification.confirm", {});
      }
      if (way === "emoji") await must(ben.client, "verification.confirm", {});
      await waitForView(fresh, "session", (v) => v.phase.kind === "ready", "in without the recovery key");
      await phase(ben.client, "done");
      await must(ben.client, "devices.refresh", {});
      const row = ben.client
        .view("devices")
        ?.devices.find(({ deviceId }) => deviceId === fresh.view("session")?.deviceId);
      expect(row).toMatchObject({ signed: true });

      // It got the private keys from the other one: it can compare with people.
      await waitForView(fresh, "team", (v) => v.members.some((m) => m.userId === ada.userId), "knows Ada");
      await putAway(ben.client);
      await untilOk(() => fresh.run("verification.start", { userId: ada.userId }));
      await phase(ada.client, "asked");
      await putAway(ada.client);
      await phase(fresh, "cancelled");
      await must(fresh, "session.signOut", {});
    });
});

describe("[P8] somebody verified whose identity is replaced", () => {
  test("gets no keys, the others talk on, and accepting the new one is no verification", async () => {
    const fay = await world.member("Rita Responder", ["responder"]);
    await knowEachOther(ada, fay);
    await toEmoji(ada.client, fay.client, fay.userId);
    for (const { client } of [ada, fay]) await must(client, "verification.confirm", {});
    await identity(ada.client, fay, "verified");
    await phase(fay.client, "done");
    await putAway(ada.client);

    const title = token();
    const fields = { description: title };
    await must(ada.client, "request.open", { fields, invite: [ben.userId, fay.userId] });
    const roomId = await roomOf(ben.client, title);
    await must(ben.client, "room.open", { roomId });
    await must(ada.client, "room.open", { roomId });
    const says = async (from: Member, to: Member, body: string) => {
      await must(from.client, "chat.send", { roomId, body });
      const has = (view: RoomView) =>
        view.timeline.some((item) => item.body.kind === "message" && item.body.text === body);
      await waitForView(to.client, `room:${roomId}`, has, `${to.displayName} reads ${body}`);
    };
    await says(ada, ben, "Example: all here");

    await using taker = await Rogue.signIn(world.instance.homeserverUrl, fay);
    await taker.join(roomId);
    await taker.replaceIdentity();
    await identity(ada.client, fay, "changed");
    await identity(ben.client, fay, "changed");
    await says(ada, ben, "Example: without Fay");
    await says(ben, ada, "Example: heard");
    expect((await taker.encrypted(roomId)).filter(({ readable }) => readable)).toEqual([]);

    await must(ada.client, "member.acceptIdentity", { userId: fay.userId });
    await identity(ada.client, fay, "fine");
    await confirm(world.adminMember.client, fay.userId);
    const isListed = (v: Views["team"]) =>
      v.members.some((row) => row.userId === fay.userId && row.roster === "listed");
    await waitForView(ada.client, "team", isListed, "Ada reads the roster");
    await says(ada, ben, "Example: with Fay again");
    await taker.reads(roomId, "Example: with Fay again");
  });

  test("one's own replaced: who was verified before goes on receiving, and counts as not verified", async () => {
    const gus = await world.member("Dina Dispatcher", ["dispatcher"]);
    await knowEachOther(gus, ben);
    await toEmoji(gus.client, ben.client, ben.userId);
    for (const { client } of [gus, ben]) await must(client, "verification.confirm", {});
    await identity(gus.client, ben, "verified");
    await phase(ben.client, "done");
    await putAway(gus.client, ben.client);

    await must(gus.client, "encryption.reset", { password: gus.password });
    await identity(gus.client, ben, "fine");
    // What comes before Ben's device has asked for the new keys is judged by the old ones.
    await identity(ben.client, gus, "changed");
    const title = token();
    await must(gus.client, "request.open", { fields: { description: title }, invite: [ben.userId] });
    // Ben, who verified the old one, is sent it, and reads nothing of it until he has looked.
    const roomId = await roomOf(gus.client, title);
    const isClosed = (v: Views["requests"]) =>
      v.rows.some((row) => row.roomId === roomId && row.problem !== undefined);
    await waitForView(ben.client, "requests", isClosed, "arrived, closed");
    await must(ben.client, "member.acceptIdentity", { userId: gus.userId });
    await roomOf(ben.client, title);
  });
});

describe("new devices of anybody in the room", () => {
  test("[P8] are told, a signed one by a line in the timeline, an unsigned one until read, and after a restart too", async () => {
    const hal = await world.member("Dana Dispatcher", ["dispatcher"]);
    const ivy = await world.member("Remy Responder", ["responder"]);
    await knowEachOther(hal, ivy);
    const storage = new MemoryStorage();
    const start = () => createNodeClient({ baseUrl: world.instance.webUrl, storage });
    let watcher = await start();
    await signInAndUnlock(watcher, hal);
    const title = token();
    await must(watcher, "request.open", { fields: { description: title }, invite: [ivy.userId] });
    const roomId = await roomOf(watcher, title);
    await roomOf(ivy.client, title);
    const told = async (wanted: { signed: number; unsigned: number }) => {
      await must(watcher, "room.open", { roomId });
      const is = (view: RoomView) => {
        const about = view.newDevices?.find(({ userId }) => userId === ivy.userId);
        const lines = view.timeline.filter(
          ({ body, sender }) => body.kind === "device" && sender === ivy.userId,
        );
        return lines.length === wanted.signed && (about?.unsigned ?? 0) === wanted.unsigned;
      };
      await waitForView(watcher, `room:${roomId}`, is, `told ${JSON.stringify(wanted)}`);
    };
    // Who and what was there from the start is not news.
    await identity(watcher, ivy, "fine");
    await hasLookedAround(watcher);
    await told({ signed: 0, unsigned: 0 });

    const fresh = await newDevice(world, ivy);
    await told({ signed: 0, unsigned: 1 });
    await must(fresh, "encryption.unlock", { recoveryKey: ivy.recoveryKey });
    await told({ signed: 1, unsigned: 0 });
    await newDevice(world, ivy);
    await told({ signed: 1, unsigned: 1 });

    await watcher.dispose();
    watcher = await start();
    onTestFinished(() => watcher.dispose());
    await waitForView(watcher, "session", (v) => v.phase.kind === "ready", "ready again");
    await told({ signed: 1, unsigned: 1 });
    await must(watcher, "member.dismissDevices", { userId: ivy.userId });
    // A signed one asks nothing of anybody: its line stays.
    await told({ signed: 1, unsigned: 0 });
    await must(watcher, "devices.refresh", {});
    const own = watcher.view("devices")?.devices ?? [];
    expect(own.map(({ firstSeenAt }) => typeof firstSeenAt)).toEqual(own.map(() => "number"));
  });
});

/** Keys that come from another device come when they come. */
const untilOk = (run: () => Promise<{ ok: boolean }>) => until("it works", async () => (await run()).ok);
