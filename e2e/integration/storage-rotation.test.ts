import { afterAll, beforeAll, expect, test } from "vitest";
import type { ClientPort, Slice, SessionView } from "@hearth/client-core/contract.ts";
import { MemoryStorage, createNodeClient } from "@hearth/client-core/node.ts";
// Beneath the port, because nobody but the session's own workspace may ask for a storage rotation.
import { Session } from "../../client-core/src/session/session.ts";
import { noTabLock } from "../../client-core/src/session/tabLock.ts";
import { SessionState } from "../../client-core/src/session/state.ts";
import { PublishedViews } from "../../client-core/src/session/views.ts";
import { systemClock } from "../../client-core/src/work/clock.ts";
import { texts } from "../support/texts.ts";
import { must, roomOf, startWorld, token, waitForView } from "../support/world.ts";
import type { Member, World } from "../support/world.ts";

let world: World;
let admin: Member;

beforeAll(async () => {
  world = await startWorld({ web: false });
  admin = await world.member("First Admin", ["admin"]);
  // One storage rotation per block: let there be many blocks.
  await must(admin.client, "policy.set", { key_block: "PT2S" });
});

afterAll(() => world[Symbol.asyncDispose]());

const ready = (view: SessionView) => view.phase.kind === "ready";

/** A member's only device, signed in and stopped again; what it stored is handed on. */
async function signedIn(member: Member): Promise<MemoryStorage> {
  await must(member.client, "session.signOut", {});
  const storage = new MemoryStorage();
  const client = await createNodeClient({ baseUrl: world.instance.webUrl, storage });
  await must(client, "session.signIn", { userName: member.userName, password: member.password });
  await must(client, "encryption.unlock", { recoveryKey: member.recoveryKey });
  await waitForView(client, "session", ready, "the device is signed");
  await waitForView(client, "org", (org) => org.policy?.key_block === "PT2S", "the policy is known");
  await client.dispose();
  return storage;
}

/** A session on that storage, with its commands and views as a port has them. */
async function start(storage: MemoryStorage) {
  const views = new PublishedViews();
  const warnings: unknown[] = [];
  const environment = {
    baseUrl: world.instance.webUrl,
    fetch: (url: string | URL, init?: RequestInit) => fetch(url, init),
    storage,
    makeLock: () => noTabLock,
    browserName: "Node",
    log: (level: string, message: string, detail?: unknown) => {
      // Not what the SDK says of requests of its own that a storage rotation cuts off, or that got no answer.
      if ((level === "warn" || level === "error") && !message.startsWith("sdk: "))
        warnings.push([message, detail]);
    },
    clock: systemClock,
  };
  const state = new SessionState(views);
  const session = new Session(environment, state, views);
  const port: ClientPort = {
    run: (name, arg) =>
      session.inWorkspace((workspace) => workspace.run(name as never, arg as never)) as never,
    view: (slice) => views.latest(slice),
    subscribe: (slice, listener) => views.listen(slice, listener),
    dispose: () => session.dispose(),
  };
  await session.start();
  await waitForView(port, "session", ready, "the session is ready");
  const keys = async () => (await session.live.client.getCrypto()?.exportRoomKeys())?.length;
  const place = async () => (await storage.peek())?.databasePrefix;
  return { session, port, state, views, warnings, keys, place };
}

const said = (port: ClientPort, roomId: string) => texts(port.view(`room:${roomId}`));

test("[P3] a session that rotates its storage while it runs keeps its keys, its screen and everything that is said meanwhile", async () => {
  const storage = await signedIn(await world.member("Dora Dispatcher", ["dispatcher"]));
  const { session, port, state, views, warnings, keys, place } = await start(storage);
  const title = `A dog on the roof ${token()}`;
  await must(port, "request.open", { fields: { description: title }, invite: [] });
  const roomId = await roomOf(port, title);
  await must(port, "room.open", { roomId });
  await must(port, "chat.send", { roomId, body: "before" });
  await waitForView(port, "outbox", ({ waiting }) => waiting === 0, "sent");
  const adminRoom = await roomOf(admin.client, title);
  await must(admin.client, "room.open", { roomId: adminRoom });
  await must(admin.client, "chat.send", { roomId: adminRoom, body: "from the admin" });
  const heard = (words: string) =>
    waitForView(port, `room:${roomId}`, () => said(port, roomId).includes(words), words);
  await heard("from the admin");

  const [deviceId, keysBefore, placeBefore] = [session.live.deviceId, await keys(), await place()];
  const gaps: string[] = [];
  for (const slice of ["session", "requests", "org", "team", `room:${roomId}`] as Slice[])
    views.listen(slice, () => {
      const { phase } = state.current;
      if (views.latest(slice) === undefined || phase.kind !== "ready") gaps.push(`${slice} ${phase.kind}`);
    });
  session.live.afterPrune?.();
  const words: string[] = [];
  while ((await place()) === placeBefore || words.length < 10) {
    const body = `meanwhile ${words.length}`;
    await must(port, "chat.send", { roomId, body });
    words.push(body);
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
  await must(port, "chat.send", { roomId, body: "afterwards" });
  const expected = ["before", "from the admin", ...words, "afterwards"];
  const everything = (client: ClientPort, id: string) =>
    waitForView(client, `room:${id}`, () => said(client, id).at(-1) === "afterwards", "all of it");
  await everything(port, roomId);
  await everything(admin.client, adminRoom);
  await waitForView(port, "outbox", ({ waiting }) => waiting === 0, "sent");
  // As many as were said, none twice, none unreadable; the newest fit on the screen.
  for (const [client, id] of [
    [port, roomId],
    [admin.client, adminRoom],
  ] as const) {
    while (client.view(`room:${id}`)?.hasOlder) {
      const { more } = await must(client, "room.loadOlder", { roomId: id });
      if (!more) break;
    }
    // Where the answer to sending something and the event itself come at once, it stands there twice for a moment.
    const all = () => JSON.stringify(said(client, id)) === JSON.stringify(expected);
    await waitForView(client, `room:${id}`, all, "each once").catch(() => undefined);
    expect(said(client, id)).toEqual(expected);
  }
  expect(gaps).toEqual([]);
  expect(session.live.deviceId).toBe(deviceId);
  expect(await keys()).toBeGreaterThanOrEqual(keysBefore ?? Infinity);

  // Keys that come now arrive in the new place.
  await must(admin.client, "chat.send", { roomId: adminRoom, body: "still with us?" });
  await heard("still with us?");
  expect(warnings).toEqual([]);
  await port.dispose();
});

test("[P3] a start in a new block rotates its storage first, and the device is the same", async () => {
  const storage = await signedIn(await world.member("Rio Responder", ["responder"]));
  const placeBefore = (await storage.peek())?.databasePrefix;
  const { port, place, warnings } = await start(storage);
  expect(await place()).not.toBe(placeBefore);
  expect(warnings).toEqual([]);
  await port.dispose();
});

test("[P7] a sign-out that cuts into a storage rotation leaves nothing, neither of the old place nor of the new", async () => {
  const storage = await signedIn(await world.member("Rita Responder", ["responder"]));
  const { session, place } = await start(storage);
  const before = await place();
  let cut: Promise<unknown> | undefined;
  // The moment at which there are two: the new place is made, the old one is still the session's.
  const old = await storage.peek();
  if (!old?.successor) throw new Error("this storage can't be rotated");
  const make = old.successor.bind(old);
  old.successor = async () => {
    const made = await make();
    session.cutShort();
    cut = session.exclusive(() => session.signOut());
    return made;
  };
  session.live.afterPrune?.();
  await expect.poll(() => cut, { timeout: 60_000 }).toBeDefined();
  // Whether the server heard of it within a client's few seconds is no matter here.
  expect(await cut).toHaveProperty("serverTold");
  expect(await place()).toBeUndefined();
  const left = (await old.indexedDB.databases()).map(({ name = "" }) => name);
  expect(left.filter((name) => name.startsWith(before ?? ""))).toEqual([]);
  await session.dispose();
});
