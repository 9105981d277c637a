import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createNodeClient } from "@hearth/client-core/node.ts";
import { ClientEvent } from "matrix-js-sdk";
import { Rogue } from "../support/rogue.ts";
import { until } from "../support/server.ts";
import { must, startWorld, waitForView, type Member, type World } from "../support/world.ts";
import {
  identity,
  knowEachOther,
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
  ada = await world.member("Dora Dispatcher", ["dispatcher"]);
  ben = await world.member("Rio Responder", ["responder"]);
  await knowEachOther(ada, ben);
});

afterAll(() => world[Symbol.asyncDispose]());

describe("two people compare emoji", () => {
  test("[P8] cancel, decline, mismatch: nobody is verified, both are told, and both can begin again", async () => {
    // Ben says no.
    await must(ada.client, "verification.start", { userId: ben.userId });
    const asked = await waitForView(ben.client, "verification", (v) => v.phase.kind === "asked", "asked");
    expect(asked.other).toMatchObject({ userId: ada.userId, name: "Dora Dispatcher", self: false });
    await must(ben.client, "verification.cancel", {});
    await phase(ben.client, "none");
    expect(await phase(ada.client, "cancelled")).toMatchObject({
      message: expect.stringContaining("Rio Responder said “Not now”"),
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
    expect((await phase(ada.client, "cancelled")).message).toContain("Rio Responder cancelled");
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
    await identity(await unlocked(world, ada), ben, "verified");
  });
});

describe("no way into a corner", () => {
  test("the ask rings at every signed device, one answers, and the other stops ringing", async () => {
    const second = await unlocked(world, ben);
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
    await Promise.all([ada, ben].map(meets));
    await must(ben.client, "verification.cancel", {});
    await phase(ada.client, "cancelled");
    await putAway(ada.client, ben.client);
  });

  test("one is asked while their own ask is on its way to the same person: they meet in one comparison", async () => {
    // The question for the other's keys comes before an ask.
    let isHeld = false;
    const answered = Promise.withResolvers<void>();
    const slow: Fetch = async (url, init) => {
      if (isHeld && new URL(url).pathname.endsWith("/keys/query")) await answered.promise;
      return fetch(url, init);
    };
    const client = await createNodeClient({ baseUrl: world.instance.webUrl, fetch: slow });
    const ivy = await world.member("Demo Ivy", ["responder"], client);
    await knowEachOther(ivy, ben);
    isHeld = true;
    const started = must(client, "verification.start", { userId: ben.userId });
    await must(ben.client, "verification.start", { userId: ivy.userId });
    await phase(client, "asked");
    answered.resolve();
    await started;
    await Promise.all([ivy, ben].map(meets));
    await must(ben.client, "verification.cancel", {});
    await phase(client, "cancelled");
    await putAway(client, ben.client);
  });

  test("a third person asks meanwhile: they wait until the first comparison is over", async () => {
    const cleo = await world.member("Rita Responder", ["responder"]);
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
    expect(next.other?.name).toBe("Rita Responder");
    await must(ada.client, "verification.cancel", {});
    await phase(cleo.client, "cancelled");
    await phase(ada.client, "none");
    await putAway(cleo.client, ben.client);
  });

  test("the other side is gone: it ends by itself, or at once when cancelled, and can begin again", async () => {
    // Each in a hurry for one thing alone: how long the other ones take decides nothing.
    const steps = await unlocked(world, ada, { answerMs: 150_000, stepMs: 2_000 });
    const answers = await unlocked(world, ada, { answerMs: 2_000, stepMs: 150_000 });
    const dan = await world.member("Remy Responder", ["responder"]);
    for (const client of [steps, answers])
      await waitForView(
        client,
        "team",
        (view) => view.members.some((row) => row.userId === dan.userId && row.identity !== "none"),
        "knows Dan",
      );
    await waitForView(dan.client, "team", (v) => v.members.some((m) => m.userId === ada.userId), "knows Ada");

    // Gone in the middle of it.
    await must(steps, "verification.start", { userId: dan.userId });
    await phase(dan.client, "asked");
    const chosen = phase(steps, "choose");
    await must(dan.client, "verification.accept", {});
    await chosen;
    await dan.client.dispose();
    expect((await phase(steps, "cancelled")).message).toContain("Nothing came from Remy Responder");
    await putAway(steps);

    // Not there at all.
    await must(answers, "verification.start", { userId: dan.userId });
    expect((await phase(answers, "cancelled")).message).toContain("Remy Responder did not answer");
    await putAway(answers);
    await must(steps, "verification.start", { userId: dan.userId });
    await phase(steps, "asking");
    await putAway(steps);
    for (const client of [steps, answers]) await must(client, "session.signOut", {});
  });

  test("[P8] an ask from a device that its owner has not signed is not even shown", async () => {
    await using rogue = await Rogue.signIn(world.instance.homeserverUrl, ben);
    let asks = 0;
    const last = () => `ask-${asks}`;
    const ask = () => {
      asks += 1;
      const content = {
        from_device: rogue.client.getDeviceId(),
        methods: ["m.sas.v1"],
        timestamp: Date.now(),
        transaction_id: last(),
      };
      const to = new Map([[ada.userId, new Map([[deviceIdOf(ada), content]])]]);
      return rogue.client.sendToDevice("m.key.verification.request", to);
    };
    const declined = new Set<unknown>();
    rogue.client.on(ClientEvent.ReceivedToDeviceMessage, ({ message }) => {
      if (message.type === "m.key.verification.cancel") declined.add(message.content["transaction_id"]);
    });
    let shown = false;
    const stop = ada.client.subscribe("verification", () => {
      shown ||= ada.client.view("verification")?.phase.kind !== "none";
    });
    // Again, until Ada's client has heard of the device at all: before, the crypto machine drops what it sends.
    await until("the ask is declined", async () => {
      if (declined.size === 0) await ask();
      return declined.size > 0;
    });
    // When one more is declined, all before it were looked at: none is left to be shown once the device is signed.
    await ask();
    await until("the last ask is declined", () => Promise.resolve(declined.has(last())));
    expect(shown).toBe(false);
    stop();

    // The same from a signed device is shown.
    await rogue.signDevice();
    // Once more only when the last one was declined: what else is on its way would ring in the tests that follow.
    await until("the ask is shown", async () => {
      if (declined.has(last())) await ask();
      return ada.client.view("verification")?.phase.kind === "asked";
    });
    await must(ada.client, "verification.cancel", {});
    await phase(ada.client, "none");
  });
});

describe("a code scanned from the other screen", () => {
  test("[P8] two people: scanned, confirmed, verified on both sides; another code is refused", async () => {
    const eve = await world.member("Rosa Responder", ["responder"]);
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

/** Says yes to whatever asks, until there is something to compare. Their client may have said yes for them. */
function meets({ client, displayName }: Pick<Member, "client" | "displayName">): Promise<void> {
  return until(`${displayName} meets the other`, async () => {
    const kind = client.view("verification")?.phase.kind;
    if (kind === "asked") await client.run("verification.accept", {});
    return kind === "choose";
  });
}

function deviceIdOf(member: Member): string {
  return member.client.view("session")?.deviceId ?? "";
}
