import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ClientPort, RoomView } from "@hearth/client-core/contract.ts";
import { createNodeClient, MemoryStorage } from "@hearth/client-core/node.ts";
import { texts } from "../support/texts.ts";
import { signInAndUnlock } from "../support/unlock.ts";
import { must, roomOf, startWorld, token, waitForView, type Member, type World } from "../support/world.ts";
import { TamperingNetwork, type WireEvent } from "./support/tamperingNetwork.ts";

const DAY = 86_400_000;
const ENCRYPTED = "m.room.encrypted";

let world: World;
let dispatcher: Member;
let responder: Member;
let reader: Member;
/** A device of the reader's, which the homeserver lies to. */
let deceived: ClientPort;
const network = new TamperingNetwork();

beforeAll(async () => {
  world = await startWorld({ web: false });
  reader = await world.member("Rio Responder", ["responder"]);
  const { webUrl: baseUrl } = world.instance;
  deceived = await createNodeClient({ baseUrl, storage: new MemoryStorage(), fetch: network.fetch });
  await signInAndUnlock(deceived, reader);
  // After that device: to whoever learns late of a device, it is a reason to write a summary, which nobody counts on here.
  dispatcher = await world.member("Dora Dispatcher", ["dispatcher"]);
  responder = await world.member("Dina Dispatcher", ["dispatcher"]);
});

afterAll(async () => {
  await deceived.dispose();
  await world[Symbol.asyncDispose]();
});

const says = (text: string) => (view: RoomView) => texts(view).includes(text);
const refusals = (view: RoomView) =>
  view.timeline.flatMap(({ body }) => (body.kind === "refused" ? [body.reason] : []));
const troubles = (view: RoomView) => (view.request?.incomplete ?? []).map(({ kind }) => kind);

async function see(client: ClientPort, roomId: string, is: (view: RoomView) => boolean, what: string) {
  await must(client, "room.open", { roomId });
  return waitForView(client, `room:${roomId}`, is, what);
}

/** A request that all three read, each with its first message. */
async function newRequest(): Promise<string> {
  const description = token();
  await must(dispatcher.client, "request.open", {
    fields: { description },
    invite: [responder.userId, reader.userId],
  });
  const roomId = await roomOf(dispatcher.client, description);
  for (const client of [responder.client, deceived]) expect(await roomOf(client, description)).toBe(roomId);
  const first = token();
  await must(dispatcher.client, "chat.send", { roomId, body: first });
  for (const client of [responder.client, deceived])
    await see(client, roomId, says(first), "the first message");
  return roomId;
}

/** Whoever sent the last thing in the room is read by the other one, who then writes. */
async function setStatus(by: Member, roomId: string, status: "on_the_way" | "on_site"): Promise<void> {
  await must(by.client, "request.do", { roomId, deed: { kind: "set_status", status } });
  for (const { client } of [dispatcher, responder])
    await see(client, roomId, (v) => v.request?.status === status, `${status} is seen`);
}

const encrypted = (events: readonly WireEvent[]) => events.filter(({ type }) => type === ENCRYPTED);

describe("a homeserver that lies about a request's log", () => {
  test("[L5] replayed entries and messages change nothing and are shown as refused", async () => {
    const roomId = await newRequest();
    const copies: WireEvent[] = [];
    network.tamper = (room, events) => {
      if (room === roomId) copies.push(...encrypted(events));
      return events;
    };
    const old = token();
    await must(dispatcher.client, "chat.send", { roomId, body: old });
    await setStatus(dispatcher, roomId, "on_the_way");
    await setStatus(responder, roomId, "on_site");
    const settled = (v: RoomView) => says(old)(v) && v.request?.status === "on_site";
    await see(deceived, roomId, settled, "all of it has come");
    expect(copies).toHaveLength(3);

    network.tamper = (room, events) =>
      room === roomId && copies.length > 0
        ? [...copies.splice(0).map((event) => network.again(event)), ...events]
        : events;
    const word = token();
    await must(dispatcher.client, "chat.send", { roomId, body: word });
    const view = await see(deceived, roomId, says(word), "what came with the replays");
    expect(texts(view).filter((text) => text === old)).toHaveLength(1);
    expect(view.request?.status).toBe("on_site");
    expect(refusals(view)).toHaveLength(3);
  });

  test("[L11] an entry that is withheld leaves the request incomplete, visibly", async () => {
    const roomId = await newRequest();
    let withheld = 0;
    network.tamper = (room, events) => {
      if (room !== roomId || withheld > 0) return events;
      const [first, ...rest] = encrypted(events);
      if (!first) return events;
      withheld += 1;
      return events.filter((event) => event !== first && (event.type !== ENCRYPTED || rest.includes(event)));
    };
    await setStatus(dispatcher, roomId, "on_the_way");
    await setStatus(responder, roomId, "on_site");
    const view = await see(
      deceived,
      roomId,
      (v) => v.request?.status === "on_site",
      "the later one has come",
    );
    expect(withheld).toBe(1);
    expect(troubles(view)).toContain("missing_entry");
  });

  test("[L11] entries in another order leave the request incomplete, visibly and for good", async () => {
    const roomId = await newRequest();
    let held: WireEvent | undefined;
    let swapped = false;
    network.tamper = (room, events) => {
      if (room !== roomId || swapped) return events;
      const all = [...events];
      const at = all.findIndex(({ type }) => type === ENCRYPTED);
      if (at < 0) return events;
      if (!held) held = all.splice(at, 1)[0];
      const next = all.findIndex(({ type }) => type === ENCRYPTED);
      if (held && next >= 0) {
        all.splice(next + 1, 0, held);
        swapped = true;
      }
      return all;
    };
    await setStatus(dispatcher, roomId, "on_the_way");
    await setStatus(responder, roomId, "on_site");
    const view = await see(
      deceived,
      roomId,
      (v) =>
        v.timeline.filter(({ body }) => body.kind === "log" && body.entry?.kind === "status").length === 2,
      "both have come",
    );
    expect(swapped).toBe(true);
    expect(troubles(view)).toEqual(["out_of_order"]);
    // What came right is not doubted on a device that was told no lies.
    const honest = await see(responder.client, roomId, (v) => v.request?.status === "on_site", "the truth");
    expect(troubles(honest)).toEqual([]);
  });

  test.each([
    // At that time the sender was not yet permitted anything.
    { days: -3, kinds: ["refused", "message"] },
    { days: 3, kinds: ["log", "message"] },
  ])("[K6] what is stamped anew by $days days bears a warning", async ({ days, kinds }) => {
    const roomId = await newRequest();
    const stamped = new Set<string>();
    network.tamper = (room, events) =>
      room === roomId
        ? events.map((event) => {
            if (event.type !== ENCRYPTED) return event;
            stamped.add(event.event_id);
            return { ...event, origin_server_ts: event.origin_server_ts + days * DAY };
          })
        : events;
    const word = token();
    await setStatus(dispatcher, roomId, "on_the_way");
    await must(dispatcher.client, "chat.send", { roomId, body: word });
    const view = await see(deceived, roomId, says(word), "both have come");
    network.tamper = (_, events) => events;
    expect(stamped.size).toBe(2);
    const items = view.timeline.filter(({ id }) => stamped.has(id));
    expect(items.map(({ body }) => body.kind)).toEqual(kinds);
    for (const item of items) expect(item.warning).toContain("date");
    const honest = await see(responder.client, roomId, says(word), "the truth");
    for (const item of honest.timeline) expect(item.warning).toBeUndefined();
  });
});
