import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ClientPort, RoomView, VerificationView, Views } from "@hearth/client-core/contract.ts";
import { ClientEvent } from "matrix-js-sdk";
import { createNodeClient, MemoryStorage } from "@hearth/client-core/node.ts";
import { Rogue } from "../support/rogue.ts";
import { until } from "../support/server.ts";
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

let world: World;
let ada: Member;
let ben: Member;
const open: ClientPort[] = [];

beforeAll(async () => {
  world = await startWorld({ web: false });
  ada = await world.member("Demo Ada", ["dispatcher"]);
  ben = await world.member("Demo Ben", ["responder"]);
  await knowEachOther(ada, ben);
});

afterAll(async () => {
  await Promise.all(open.map((client) => client.dispose()));
  await world[Symbol.asyncDispose]();
});

type Kind = VerificationView["phase"]["kind"];
type PhaseOf<K extends Kind> = Extract<VerificationView["phase"], { kind: K }>;

async function phase<K extends Kind>(
  client: ClientPort,
  kind: K,
  wanted: (phase: PhaseOf<K>) => boolean = () => true,
): Promise<PhaseOf<K>> {
  const is = (view: VerificationView): boolean =>
    view.phase.kind === kind && wanted(view.phase as PhaseOf<K>);
  return (await waitForView(client, "verification", is, kind)).phase as PhaseOf<K>;
}

/** Both have the other in the team, with keys. */
async function knowEachOther(...people: Member[]): Promise<void> {
  for (const one of people)
    for (const other of people)
      if (one !== other)
        await waitForView(
          one.client,
          "team",
          (view) => view.members.some((row) => row.userId === other.userId && row.identity !== "none"),
          `${one.displayName} knows ${other.displayName}`,
        );
}

async function identity(client: ClientPort, of: Member, wanted: string): Promise<void> {
  await waitForView(
    client,
    "team",
    (view) => view.members.some((row) => row.userId === of.userId && row.identity === wanted),
    `${of.displayName} is ${wanted}`,
  );
}

type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;
const SYNC = "/org.matrix.simplified_msc3575/sync";

/** A further device of somebody, signed in and not unlocked. */
async function newDevice(
  member: Member,
  patience = { answerMs: 150_000, stepMs: 150_000 },
  network: Fetch = fetch,
) {
  const client = await createNodeClient({
    baseUrl: world.instance.webUrl,
    fetch: network,
    storage: new MemoryStorage(),
    patience,
  });
  open.push(client);
  await must(client, "session.signIn", { userName: member.userName, password: member.password });
  await waitForView(client, "session", (v) => v.phase.kind === "setup", "asked to unlock");
  return client;
}

async function unlocked(member: Member, patience?: { answerMs: number; stepMs: number }, network?: Fetch) {
  const client = await newDevice(member, patience, network);
  await must(client, "encryption.unlock", { recoveryKey: member.recoveryKey });
  await waitForView(client, "session", (v) => v.phase.kind === "ready", "unlocked");
  await waitForView(client, "team", (v) => v.members.length > 1, "knows the team");
  return client;
}

/** From the ask to seven emoji on both screens. */
async function toEmoji(asker: ClientPort, asked: ClientPort, userId: string) {
  await must(asker, "verification.start", { userId });
  await phase(asked, "asked");
  await must(asked, "verification.accept", {});
  await phase(asked, "choose");
  await phase(asker, "choose");
  await must(asker, "verification.chooseEmoji", {});
  return [await phase(asker, "emoji"), await phase(asked, "emoji")] as const;
}

async function putAway(...clients: ClientPort[]): Promise<void> {
  for (const client of clients) {
    await must(client, "verification.cancel", {});
    await phase(client, "none");
  }
}

describe("two people compare emoji", () => {
  test("[P8] cancel, decline, mismatch: nobody is verified, both are told, and both can begin again", async () => {
    // Ben says no.
    await must(ada.client, "verification.start", { userId: ben.userId });
    const asked = await waitForView(ben.client, "verification", (v) => v.phase.kind === "asked", "asked");
    expect(asked.other).toMatchObject({ userId: ada.userId, name: "Demo Ada", self: false });
    await must(ben.client, "verification.cancel", {});
    await phase(ben.client, "none");
    expect(await phase(ada.client, "cancelled")).toMatchObject({
      message: expect.stringContaining("Demo Ben said “Not now”"),
      alarm: false,
    });
    await putAway(ada.client);

    // Ada takes it back before Ben has answered.
    await must(ada.client, "verification.start", { userId: ben.userId });
    await phase(ben.client, "asked");
    await must(ada.client, "verification.cancel", {});
    await phase(ben.client, "none");
    await putAway(ada.client);

    // Ben stops in the middle.
    await toEmoji(ada.client, ben.client, ben.userId);
    await must(ben.client, "verification.cancel", {});
    expect((await phase(ada.client, "cancelled")).message).toContain("Demo Ben cancelled");
    await putAway(ada.client, ben.client);

    // Ada sees other emoji than Ben.
    await toEmoji(ada.client, ben.client, ben.userId);
    await must(ada.client, "verification.mismatch", {});
    expect(await phase(ada.client, "cancelled")).toMatchObject({ alarm: true });
    expect(await phase(ben.client, "cancelled")).toMatchObject({ alarm: true });
    await putAway(ada.client, ben.client);

    await identity(ada.client, ben, "fine");
    await identity(ben.client, ada, "fine");
  });

  test("[P8] when both say that the emoji are the same, each has signed the other's identity, on all own devices", async () => {
    const [mine, theirs] = await toEmoji(ada.client, ben.client, ben.userId);
    expect(mine.emoji).toHaveLength(7);
    expect(theirs.emoji).toEqual(mine.emoji);
    await must(ada.client, "verification.confirm", {});
    expect(await phase(ada.client, "emoji", ({ said }) => said)).toBeDefined();
    await must(ben.client, "verification.confirm", {});
    await phase(ada.client, "done");
    await phase(ben.client, "done");
    await identity(ada.client, ben, "verified");
    await identity(ben.client, ada, "verified");
    await putAway(ada.client, ben.client);
    // A signature by the person and not by the device: a new device of hers has it too.
    await identity(await unlocked(ada), ben, "verified");
  });
});

describe("no way into a corner", () => {
  test("the ask rings at every signed device, one answers, and the other stops ringing", async () => {
    const second = await unlocked(ben);
    await must(ada.client, "verification.start", { userId: ben.userId });
    await phase(ben.client, "asked");
    await phase(second, "asked");
    await must(second, "verification.accept", {});
    await phase(ada.client, "choose");
    await phase(ben.client, "none");
    await must(second, "verification.cancel", {});
    await phase(ada.client, "cancelled");
    await putAway(ada.client, second);

    await must(ada.client, "verification.start", { userId: ben.userId });
    await phase(ben.client, "asked");
    await phase(second, "asked");
    await must(ada.client, "verification.cancel", {});
    await phase(ben.client, "none");
    await phase(second, "none");
    await putAway(ada.client);
    await must(second, "session.signOut", {});
  });

  test("both ask each other at once: they meet in one comparison", async () => {
    await Promise.all([
      must(ada.client, "verification.start", { userId: ben.userId }),
      must(ben.client, "verification.start", { userId: ada.userId }),
    ]);
    const met = (view: VerificationView) => view.phase.kind === "choose" || view.phase.kind === "asked";
    for (const { client } of [ada, ben]) await waitForView(client, "verification", met, "they meet");
    for (const { client } of [ada, ben])
      if (client.view("verification")?.phase.kind === "asked") await must(client, "verification.accept", {});
    await phase(ada.client, "choose");
    await phase(ben.client, "choose");
    await must(ben.client, "verification.cancel", {});
    await phase(ada.client, "cancelled");
    await putAway(ada.client, ben.client);
  });

  test("a third person asks meanwhile: they wait until the first comparison is over", async () => {
    const cleo = await world.member("Demo Cleo", ["responder"]);
    await knowEachOther(ada, cleo);
    await toEmoji(ada.client, ben.client, ben.userId);
    await must(cleo.client, "verification.start", { userId: ada.userId });
    await phase(cleo.client, "asking");
    // The comparison with Ben is still what Ada sees, and it comes to its end.
    for (const { client } of [ada, ben]) {
      await phase(client, "emoji");
      await must(client, "verification.confirm", {});
    }
    await phase(ada.client, "done");
    await must(ada.client, "verification.cancel", {});
    const next = await waitForView(ada.client, "verification", (v) => v.phase.kind === "asked", "the next");
    expect(next.other?.name).toBe("Demo Cleo");
    await must(ada.client, "verification.cancel", {});
    await phase(cleo.client, "cancelled");
    await phase(ada.client, "none");
    await putAway(cleo.client, ben.client);
  });

  test("the other side is gone: it ends by itself, or at once when cancelled, and can begin again", async () => {
    const hasty = await unlocked(ada, { answerMs: 2_000, stepMs: 2_000 });
    const dan = await world.member("Demo Dan", ["responder"]);
    await waitForView(
      hasty,
      "team",
      (view) => view.members.some((row) => row.userId === dan.userId && row.identity !== "none"),
      "knows Dan",
    );
    await waitForView(dan.client, "team", (v) => v.members.some((m) => m.userId === ada.userId), "knows Ada");

    // Gone in the middle of it.
    await must(hasty, "verification.start", { userId: dan.userId });
    await phase(dan.client, "asked");
    await must(dan.client, "verification.accept", {});
    await phase(hasty, "choose");
    await dan.client.dispose();
    expect((await phase(hasty, "cancelled")).message).toContain("Nothing came from Demo Dan");
    await putAway(hasty);

    // Not there at all.
    await must(hasty, "verification.start", { userId: dan.userId });
    expect((await phase(hasty, "cancelled")).message).toContain("Demo Dan did not answer");
    await putAway(hasty);
    await must(hasty, "verification.start", { userId: dan.userId });
    await phase(hasty, "asking");
    await putAway(hasty);
    await must(hasty, "session.signOut", {});
  });

  test("[P8] an ask from a device that its owner has not signed is not even shown", async () => {
    await using rogue = await Rogue.signIn(world.instance.homeserverUrl, ben);
    const ask = (id: string) => {
      const content = {
        from_device: rogue.client.getDeviceId(),
        methods: ["m.sas.v1"],
        timestamp: Date.now(),
        transaction_id: id,
      };
      const to = new Map([[ada.userId, new Map([[deviceIdOf(ada), content]])]]);
      return rogue.client.sendToDevice("m.key.verification.request", to);
    };
    let declined = false;
    rogue.client.on(ClientEvent.ReceivedToDeviceMessage, ({ message }) => {
      declined ||= message.type === "m.key.verification.cancel";
    });
    let shown = false;
    const stop = ada.client.subscribe("verification", () => {
      shown ||= ada.client.view("verification")?.phase.kind !== "none";
    });
    // Again, until Ada's client has heard of the device at all: before, the crypto machine drops what it sends.
    await until("the ask is declined", async () => {
      if (!declined) await ask(`unsigned-${Date.now()}`);
      return declined;
    });
    expect(shown).toBe(false);
    stop();

    // The same from a signed device is shown.
    await rogue.signDevice();
    // Once more only when the last one was declined: what else is on its way would ring in the tests that follow.
    await until("the ask is shown", async () => {
      if (declined) {
        declined = false;
        await ask(`signed-${Date.now()}`);
      }
      return ada.client.view("verification")?.phase.kind === "asked";
    });
    await must(ada.client, "verification.cancel", {});
    await phase(ada.client, "none");
  });
});

describe("a code scanned from the other screen", () => {
  test("[P8] two people: scanned, confirmed, verified on both sides; another code is refused", async () => {
    const eve = await world.member("Demo Eve", ["responder"]);
    await knowEachOther(ada, eve);
    await must(ada.client, "verification.start", { userId: eve.userId });
    await phase(eve.client, "asked");
    await must(eve.client, "verification.accept", {});
    const { qr } = await phase(ada.client, "choose", (choose) => choose.qr !== undefined && choose.canScan);
    const own = await phase(eve.client, "choose", (choose) => choose.qr !== undefined);

    const wrong = [own.qr ?? "", btoa("something else"), "%"];
    for (const data of wrong)
      expect(await eve.client.run("verification.scan", { data })).toMatchObject({
        ok: false,
        code: "invalid",
      });
    await phase(eve.client, "choose");

    await must(eve.client, "verification.scan", { data: qr ?? "" });
    expect(await phase(eve.client, "waiting")).toMatchObject({ scanned: true });
    await phase(ada.client, "scanned");
    await must(ada.client, "verification.confirm", {});
    await phase(eve.client, "done");
    await phase(ada.client, "done");
    await identity(ada.client, eve, "verified");
    await identity(eve.client, ada, "verified");
    await putAway(ada.client, eve.client);
  });
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
    const laptop = await unlocked(ben, undefined, fetchLate);
    late = true;
    const fresh = await newDevice(ben);
    await must(fresh, "verification.start", {});
    await phase(laptop, "asked");
    await must(fresh, "verification.cancel", {});
    await phase(laptop, "none");
    await phase(ben.client, "none");
    for (const client of [fresh, laptop]) await must(client, "session.signOut", {});
  });

  for (const way of ["emoji", "code"] as const)
    test(`[P8] is signed by another device by ${way}, without the recovery key, and holds the keys to sign others`, async () => {
      const fresh = await newDevice(ben);
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
    const fay = await world.member("Demo Fay", ["responder"]);
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
    const gus = await world.member("Demo Gus", ["dispatcher"]);
    await knowEachOther(gus, ben);
    await toEmoji(gus.client, ben.client, ben.userId);
    for (const { client } of [gus, ben]) await must(client, "verification.confirm", {});
    await identity(gus.client, ben, "verified");
    await phase(ben.client, "done");
    await putAway(gus.client, ben.client);

    await must(gus.client, "encryption.reset", { password: gus.password });
    await identity(gus.client, ben, "fine");
    const title = token();
    await must(gus.client, "request.open", { fields: { description: title }, invite: [ben.userId] });
    // Ben, who verified the old one, is sent it, and reads nothing of it until he has looked.
    await identity(ben.client, gus, "changed");
    await waitForView(ben.client, "requests", (v) => v.rows.some((row) => row.problem), "arrived, closed");
    await must(ben.client, "member.acceptIdentity", { userId: gus.userId });
    await roomOf(ben.client, title);
  });
});

describe("new devices of anybody in the room", () => {
  test("[P8] are told with whether they are signed, until read, and after a restart too", async () => {
    const hal = await world.member("Demo Hal", ["dispatcher"]);
    const ivy = await world.member("Demo Ivy", ["responder"]);
    await knowEachOther(hal, ivy);
    const storage = new MemoryStorage();
    const start = () => createNodeClient({ baseUrl: world.instance.webUrl, storage });
    let watcher = await start();
    await must(watcher, "session.signIn", { userName: hal.userName, password: hal.password });
    await waitForView(watcher, "session", (v) => v.phase.kind === "setup", "asked to unlock");
    await must(watcher, "encryption.unlock", { recoveryKey: hal.recoveryKey });
    await waitForView(watcher, "requests", (v) => v.loaded, "the list is there");
    const title = token();
    await must(watcher, "request.open", { fields: { description: title }, invite: [ivy.userId] });
    const roomId = await roomOf(watcher, title);
    await roomOf(ivy.client, title);
    const told = async (wanted: { signed: number; unsigned: number } | undefined) => {
      await must(watcher, "room.open", { roomId });
      const is = (view: RoomView) => {
        const about = view.newDevices?.find(({ userId }) => userId === ivy.userId);
        return wanted === undefined
          ? about === undefined
          : about?.signed === wanted.signed && about.unsigned === wanted.unsigned;
      };
      await waitForView(watcher, `room:${roomId}`, is, `told ${JSON.stringify(wanted)}`);
    };
    // Who and what was there from the start is not news.
    await identity(watcher, ivy, "fine");
    await told(undefined);

    const fresh = await newDevice(ivy);
    await told({ signed: 0, unsigned: 1 });
    await must(fresh, "encryption.unlock", { recoveryKey: ivy.recoveryKey });
    await told({ signed: 1, unsigned: 0 });
    await newDevice(ivy);
    await told({ signed: 1, unsigned: 1 });

    await watcher.dispose();
    watcher = await start();
    open.push(watcher);
    await waitForView(watcher, "session", (v) => v.phase.kind === "ready", "ready again");
    await told({ signed: 1, unsigned: 1 });
    await must(watcher, "member.dismissDevices", { userId: ivy.userId });
    await told(undefined);
    await must(watcher, "devices.refresh", {});
    const own = watcher.view("devices")?.devices ?? [];
    expect(own.map(({ firstSeenAt }) => typeof firstSeenAt)).toEqual(own.map(() => "number"));
  });
});

/** Keys that come from another device come when they come. */
const untilOk = (run: () => Promise<{ ok: boolean }>) => until("it works", async () => (await run()).ok);

function deviceIdOf(member: Member): string {
  return member.client.view("session")?.deviceId ?? "";
}
