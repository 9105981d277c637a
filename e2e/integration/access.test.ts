import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ClientPort, RoomView, Views } from "@hearth/client-core/contract.ts";
import { createNodeClient, MemoryStorage } from "@hearth/client-core/node.ts";
import { encryptedIn, until } from "../support/server.ts";
import { texts } from "../support/texts.ts";
import { signInAndUnlock } from "../support/unlock.ts";
import { must, roomOf, startWorld, token, waitForView, type Member, type World } from "../support/world.ts";
import { DeviceStore, roomKeyRows } from "./support/deviceStore.ts";

let world: World;
let admin: Member;
let responder: Member;
const open: ClientPort[] = [];

beforeAll(async () => {
  world = await startWorld({ web: false });
  admin = await world.member("First Admin", ["admin"]);
  responder = await world.member("Dora Dispatcher", ["dispatcher"]);
});

afterAll(async () => {
  await Promise.all(open.map((client) => client.dispose()));
  await world[Symbol.asyncDispose]();
});

/** Another device of somebody, unlocked. */
async function device(member: Member, storage = new MemoryStorage()): Promise<ClientPort> {
  const client = await createNodeClient({ baseUrl: world.instance.webUrl, storage });
  open.push(client);
  await signInAndUnlock(client, member);
  return client;
}

async function inRoom(client: ClientPort, roomId: string, wanted: (v: RoomView) => boolean, what: string) {
  await must(client, "room.open", { roomId });
  return waitForView(client, `room:${roomId}`, wanted, what);
}

/** Older messages are not in the view until somebody scrolls back to them. */
async function scrolledTo(client: ClientPort, roomId: string, text: string): Promise<RoomView> {
  const ready = () => inRoom(client, roomId, (v) => v.status === "ready", "the room is there");
  let view = await ready();
  await until(`"${text}" is read`, async () => {
    // What is past the window takes the place to scroll from along: then there may be more once more.
    if (!texts(view).includes(text)) await must(client, "room.loadOlder", { roomId });
    view = await ready();
    return texts(view).includes(text);
  });
  return view;
}

async function newRequest(words: readonly string[]): Promise<string> {
  const title = token();
  await must(responder.client, "request.open", { fields: { description: title }, invite: [] });
  const roomId = await roomOf(responder.client, title);
  for (const body of words) await must(responder.client, "chat.send", { roomId, body });
  await waitForView(responder.client, "outbox", (v) => v.items.length === 0, "everything has been sent");
  await inRoom(
    admin.client,
    roomId,
    (v) => words.every((word) => texts(v).includes(word)),
    "the admin reads it",
  );
  return roomId;
}

/** The newest line that the device keeps is younger than these words. */
const forgets = (client: ClientPort, roomId: string, words: string) =>
  inRoom(
    client,
    roomId,
    (v) => v.notKept !== undefined && !texts(v).includes(words),
    "they are no longer kept",
  );

async function setTimes(policy: { key_block: string; key_window: string }): Promise<void> {
  await must(admin.client, "policy.set", policy);
  for (const { client } of [admin, responder])
    await waitForView(
      client,
      "org",
      (v) => v.policy?.key_window === policy.key_window,
      "the policy has come",
    );
}

const mine = (view: Views["access"], request: string) => view.mine.find((each) => each.request === request);

describe("access to the key window, answered by an admin's client", () => {
  test("[P6] a new device asks, the admin's client gives, and what is read says who shared it", async () => {
    const words = [`Example: ${token()}`, `Example: ${token()}`];
    const roomId = await newRequest(words);
    await must(admin.client, "policy.set", { automatic_access: true });
    const lets = (v: Views["access"]) => v.alone?.allowed === true;
    const { alone } = await waitForView(admin.client, "access", lets, "the policy lets devices answer");
    await must(admin.client, "access.answerAlone", { window: alone?.policyWindow ?? "" });
    const laptop = await device(responder);
    const before = await inRoom(
      laptop,
      roomId,
      (v) => v.timeline.some(({ body }) => body.kind === "unreadable"),
      "nothing can be read",
    );
    expect(texts(before)).toEqual([]);

    const { request } = await must(laptop, "access.ask", { kind: "window", code: "new_device" });
    await waitForView(laptop, "access", (v) => mine(v, request)?.state === "given", "it was given");
    const after = await inRoom(laptop, roomId, (v) => words.every((word) => texts(v).includes(word)), "read");
    for (const item of after.timeline.filter(({ body }) => body.kind === "message"))
      expect(item.warning).toContain("Shared by First Admin");

    // The bot's log, and the device's own word.
    const log = await waitForView(
      admin.client,
      "access",
      (v) =>
        v.asks.some(
          (each) =>
            each.request === request &&
            each.byName !== undefined &&
            each.devices.some(({ state }) => state === "imported"),
        ),
      "the admin sees that it has come",
    );
    const logged = log.asks.find((each) => each.request === request);
    expect(logged).toMatchObject({ state: "given", automatic: true, byName: "First Admin", listed: true });
  });
});

describe("access to an older span, given by a person", () => {
  let roomId: string;
  let words: string;
  let span: { from: number; to: number };
  let phone: ClientPort;
  const storage = new MemoryStorage();

  beforeAll(async () => {
    await must(admin.client, "policy.set", { automatic_access: false });
    await setTimes({ key_block: "PT2S", key_window: "PT6S" });
    phone = await device(responder, storage);
    const from = Date.now();
    words = `Example: ${token()}`;
    roomId = await newRequest([words]);
    span = { from, to: Date.now() };
    for (const client of [responder.client, phone]) await forgets(client, roomId, words);
  });

  /** @returns the request's id, given until then */
  async function given(end: () => number): Promise<string> {
    const reason = `Example: ${token()}`;
    const { request } = await must(responder.client, "access.ask", {
      kind: "span",
      code: "follow_up",
      roomId,
      reason,
      ...span,
    });
    const view = await waitForView(
      admin.client,
      "access",
      (v) => v.asks.some((ask) => ask.request === request && ask.canAnswer),
      "the admin sees who asks",
    );
    const ask = view.asks.find((each) => each.request === request);
    expect(ask).toMatchObject({
      state: "waiting",
      reason,
      code: "follow_up",
      identity: "fine",
      listed: true,
    });
    expect(ask?.device).toMatchObject({ signed: true });
    await must(admin.client, "access.give", { request, until: end() });
    await waitForView(responder.client, "access", (v) => mine(v, request)?.state === "given", "it was given");
    return request;
  }

  test("[P3] [P6] it is read until the end, and then no longer", async () => {
    // Until then both devices must have asked, got and read it, however long something stalls.
    const end = Date.now() + 60_000;
    const request = await given(() => end);
    // Both of their devices get it, the one that did not ask too.
    for (const client of [responder.client, phone]) {
      await waitForView(client, "access", (v) => mine(v, request)?.state === "given", "it was given");
      const view = await scrolledTo(client, roomId, words);
      const item = view.timeline.find(({ body }) => body.kind === "message" && body.text === words);
      expect(item?.warning).toContain("Shared by First Admin");
    }
    const rows = await roomKeyRows(storage);
    expect(rows).not.toEqual([]);
    await waitForView(phone, "access", (v) => mine(v, request)?.state === "ended", "it has ended");
    expect(Date.now()).toBeGreaterThanOrEqual(end);
    await forgets(phone, roomId, words);
    // What is shown goes first, then the keys; a device that is switched off in between goes on at its next start.
    await until("the keys are deleted", async () => {
      const now = new Set(await roomKeyRows(storage));
      return rows.every((row) => !now.has(row));
    });
    const saved = await encryptedIn(world.instance, roomId);
    await phone.dispose();
    await using store = await DeviceStore.open(storage);
    for (const raw of saved.filter(({ origin_server_ts }) => origin_server_ts <= span.to))
      expect(await store.canRead(raw)).toBe(false);
    expect(store.records).not.toContain(words);
  });

  test("[P6] taken back, it ends at once on a device that is online", async () => {
    const request = await given(() => Date.now() + 86_400_000);
    await scrolledTo(responder.client, roomId, words);
    await must(admin.client, "access.revoke", { userId: responder.userId, request });
    await forgets(responder.client, roomId, words);
    const row = (v: Views["access"]) => v.asks.find((ask) => ask.request === request);
    const log = await waitForView(
      admin.client,
      "access",
      (v) =>
        row(v)?.state === "revoked" && row(v)?.devices.filter(({ state }) => state === "ended").length === 2,
      "it is taken back, and has ended on two",
    );
    // The phone is off: the admin sees that it has not deleted anything.
    expect(row(log)?.devices.filter(({ state }) => state === "sent")).toHaveLength(1);
  });

  test("[P6] declined, nothing comes, and who asked is told", async () => {
    const { request } = await must(responder.client, "access.ask", { kind: "span", code: "other", ...span });
    const waits = (v: Views["access"]) => v.asks.some((ask) => ask.request === request && ask.canAnswer);
    await waitForView(admin.client, "access", waits, "the admin sees it");
    await must(admin.client, "access.decline", { request });
    const view = await waitForView(
      responder.client,
      "access",
      (v) => mine(v, request)?.state === "declined",
      "it is declined",
    );
    expect(mine(view, request)).toMatchObject({ byName: "First Admin" });
  });
});
