import { CATALOGUE, recordAt, versionOf } from "@hearth/protocol";
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test, vi } from "vitest";
import { openByPassphrase, readLock } from "../../../client-core/src/session/appLock/keyLock.ts";
import { readNotes } from "../../../client-core/src/session/appLock/lockNotes.ts";
import { HttpFailure } from "../../../client-core/src/session/api.ts";
import { storedRoster } from "../../../client-core/src/features/roster/stored.ts";
import { closeSdkClient, openSdkClient } from "../../../client-core/src/sdk/client.ts";
import { StoredRoomKeys } from "../../../client-core/src/sdk/roomKeys.ts";
import { divided } from "../../../client-core/src/session/storage/dividedStorage.ts";
import { MemoryStorage, type MemoryDump } from "../../../client-core/src/session/storage/memory.ts";
import { SealedHeader } from "../../../client-core/src/session/storage/sealedHeader.ts";
import type { SessionStorage } from "../../../client-core/src/session/storage/storage.ts";
import { Vault } from "../../../client-core/src/session/vault.ts";
import type { StoredCollection } from "../../../client-core/src/store/records.ts";
import { FakeWorld, ME, person, requestRoom } from "../../../client-core/src/workspace/testing/fakeWorld.ts";
import { fromText, type StoredBrowser } from "./stored.ts";
import { HearthWorkspace } from "../../../client-core/src/workspace/workspace.ts";

const FOLDER = new URL("./", import.meta.url);
const FIXTURES = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".json"))
  .map((name): [string, StoredBrowser] => [name, fromText(readFileSync(new URL(name, FOLDER), "utf8"))]);

async function placeOf(browser: MemoryDump): Promise<SessionStorage> {
  const place = await (await MemoryStorage.from(browser)).find();
  if (!place) throw new Error("nothing is stored");
  return place;
}

async function vaultOf({ browser }: StoredBrowser): Promise<Vault> {
  const vault = await Vault.open(await placeOf(browser));
  if (vault === "lost") throw new Error("what was stored is taken for lost");
  return vault;
}

test("[T7] every kind of thing that a device stores is in a fixture: whoever adds one makes a fixture with it", () => {
  const kept = new Set<string | undefined>();
  for (const [, { browser, locked, divided: halves, records, texts }] of FIXTURES) {
    for (const { collection, key } of records)
      kept.add(recordAt(CATALOGUE.records.values(), collection, key)?.name);
    for (const name of Object.keys({ ...browser.files, ...locked.files, ...halves.files }))
      kept.add(name.replace(/\.[ab]$/, ""));
    for (const name of Object.keys(texts)) kept.add(name);
    if (browser.rootKey) kept.add("rootKey");
    if (browser.databases["crypto"]) kept.add("cryptoStore");
  }
  expect([...CATALOGUE.records.keys()].filter((name) => !kept.has(name))).toEqual([]);
});

describe.each(FIXTURES)("[T7] what a browser stored: %s", (_, stored) => {
  test("no record is lost, and none is one that this version can't read", async () => {
    const vault = await vaultOf(stored);
    const told: unknown[] = [];
    vault.records.onUnreadable((record) => told.push(record));
    for (const { collection, key, value } of stored.records) {
      const definition = recordAt(CATALOGUE.records.values(), collection, key);
      const read = await vault.records.get<unknown>(collection as StoredCollection, key);
      expect(read, `${collection} ${key}`).toBeDefined();
      const { v = 1 } = value as { v?: number };
      if (definition && versionOf(definition) === v) expect(read).toEqual(value);
    }
    expect(told).toEqual([]);
    vault.close();
  });

  test("whose device it is, its tokens, its lease, its roster and its keys are found again", async () => {
    const vault = await vaultOf(stored);
    expect(vault.account).toMatchObject({ userId: ME, deviceId: stored.deviceId, encryption: "done" });
    expect(await vault.tokens()).toMatchObject({ accessToken: "example-access" });
    expect(await vault.lease()).toMatchObject({ server: stored.now });
    expect(await vault.rotation()).toMatchObject({ pruned: true });
    expect(await vault.recoveryKey()).toBeTypeOf("string");
    expect(await vault.hasServerHalf()).toBe(true);
    expect(vault.join?.step).toBe("asking");
    expect((await vault.ownRoster()).publicKey).toHaveLength(43);
    const { roster } = await storedRoster(vault.records);
    expect([...roster.current].map(([user, { role }]) => [user, role])).toEqual([[ME, "admin"]]);
    const client = await openSdkClient({
      baseUrl: "http://hearth.localhost",
      userId: ME,
      deviceId: stored.deviceId,
      fetch: () => Promise.reject(new HttpFailure(0, "", "there is no server")),
      storage: vault.storage,
      cryptoStoreKey: vault.keys.cryptoStoreKey.slice(),
      cryptoCallbacks: {},
      backupGate: { open: false },
      log: () => {},
    });
    const own = await client.getCrypto()?.getOwnDeviceKeys();
    expect(own?.ed25519).toBe(vault.account?.deviceKey);
    expect(await new StoredRoomKeys(client, vault.storage).list()).toEqual([stored.roomKey]);
    closeSdkClient(client);
    vault.close();
  });

  test("without a server its rooms, requests, people, policy, outbox and access are shown as they were", async () => {
    const vault = await vaultOf(stored);
    const world = await FakeWorld.make();
    const workspace = await HearthWorkspace.open({
      ...world.session,
      now: () => stored.now,
      records: vault.records,
      request: () => Promise.reject(new HttpFailure(0, "", "there is no server")),
    });
    workspace.start();
    const room = requestRoom(1);
    await workspace.run("room.open", { roomId: room });
    const { views } = world;
    expect(views.latest("requests")?.rows.map(({ title }) => title)).toEqual(
      expect.arrayContaining(["Example request 1", "Example request 2"]),
    );
    // What the log has is sealed, and opened once somebody looks.
    const said = () =>
      views
        .latest(`room:${room}`)
        ?.timeline.map(({ body }) => (body.kind === "message" ? body.text : body.kind));
    await vi.waitFor(() => expect(said()).toContain("Example: on my way"));
    expect(said()).toContain("Example: this waits to be sent");
    const shown = views.latest(`room:${room}`);
    expect(shown?.request?.fields.description).toBe("Example request 1");
    expect(shown?.people.map(({ userId }) => userId).toSorted()).toEqual([person(0), ME].toSorted());
    expect(views.latest("team")?.members.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["Person 0", "Person 1", "Person 2", "Person 3", "Person 4"]),
    );
    expect(views.latest("org")?.policy).toMatchObject({ key_window: "P14D" });
    const waits = views.latest("outbox")?.items.map(({ roomId }) => roomId);
    expect(waits).toContain(room);
    expect(waits?.filter((id) => id.startsWith("local-")).length).toBeGreaterThan(0);
    expect(views.latest("access")?.mine.map(({ state }) => state)).toEqual(["waiting"]);
    expect(world.failures).toEqual([]);
    await workspace.dispose();
    world.stop();
    vault.close();
  });

  test("under an app lock, and divided with the server, its root key is found again", async () => {
    const locked = await placeOf({ files: stored.locked.files, databases: {} });
    const record = await readLock(locked);
    if (!record) throw new Error("no lock is found");
    const opened = await openByPassphrase(locked, record, stored.locked.passphrase);
    expect(await opened?.rootKey.read()).toHaveLength(32);
    expect(await readNotes(locked)).toMatchObject({ tries: { failed: 2 }, idleMs: 300_000 });
    const { ours, half, files } = stored.divided;
    const place = await placeOf({ rootKey: ours, files, databases: {} });
    const header = await SealedHeader.open(place);
    if (!header) throw new Error("no sealed header is found");
    expect(header.values).toMatchObject({
      account: { userId: ME },
      tokens: { accessToken: "example-access" },
    });
    expect(await divided(place, half, header).rootKey.read()).toHaveLength(32);
  });
});
