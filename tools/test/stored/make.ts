// Makes the fixture of what a browser stores with this version: `npm run fixtures`.
// Once for each version that is released, never again for one that was; docs/operations/upgrade.md says how.
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  base64,
  CATALOGUE,
  EMPTY_ROSTER,
  idFromBytes,
  Instant,
  MasterKey,
  OrgId,
  rosterHead,
  signStatement,
  type RosterStatement,
  unpaddedBase64,
  VERSION,
} from "@hearth/protocol";
import { cryptoOf } from "../../../client-core/src/sdk/patches.ts";
import { closeSdkClient, openSdkClient } from "../../../client-core/src/sdk/client.ts";
import { HttpFailure, type SignedInSession } from "../../../client-core/src/session/api.ts";
import { lockRootKey } from "../../../client-core/src/session/appLock/keyLock.ts";
import { NEW_NOTES, writeNotes } from "../../../client-core/src/session/appLock/lockNotes.ts";
import { dividedSuccessor } from "../../../client-core/src/session/storage/dividedStorage.ts";
import { MemoryStorage } from "../../../client-core/src/session/storage/memory.ts";
import { newRootKey } from "../../../client-core/src/session/storage/rootKey.ts";
import {
  newSigningKey,
  rosterKeysOf,
  type RosterRecord,
} from "../../../client-core/src/session/rosterKeys.ts";
import { Vault } from "../../../client-core/src/session/vault.ts";
import type { StoredCollection } from "../../../client-core/src/store/records.ts";
import {
  chat,
  FakeWorld,
  ME,
  ORG_ROOM,
  orgState,
  person,
  requestEvents,
  requestRoom,
} from "../../../client-core/src/workspace/testing/fakeWorld.ts";
import { HearthWorkspace } from "../../../client-core/src/workspace/workspace.ts";
import { toText, type StoredBrowser } from "./stored.ts";

const PASSPHRASE = "example: a lamp in the window";
/** The smallest that Argon2 takes. */
const QUICK = { memoryKiB: 8, passes: 1, lanes: 1 };
const DAY_MS = 86_400_000;

const file = join(import.meta.dirname, `browser-${VERSION}.json`);
if (existsSync(file)) throw new Error(`${file} is there: what a version has stored is never made again`);

const world = await FakeWorld.make();
const { deviceId } = world.session;
const now = () => world.session.now();
const ROOM = requestRoom(1);
const provider = new MemoryStorage();
const vault = await Vault.create(await provider.create());
const org = OrgId.parse("example");
const signing: RosterRecord = { v: 1, ...(await newSigningKey()), pin: "new" };

/** As a homeserver answers a device that it sees for the first time. */
const answer = (url: string | URL): Promise<Response> =>
  Promise.resolve(
    Response.json(
      new URL(url).pathname.endsWith("/keys/upload")
        ? { one_time_key_counts: { signed_curve25519: 50 } }
        : {},
    ),
  );
const cryptoStoreKey = [...vault.keys.cryptoStoreKey];
const client = await openSdkClient({
  baseUrl: "http://hearth.localhost",
  userId: ME,
  deviceId,
  fetch: answer,
  storage: vault.storage,
  cryptoStoreKey: vault.keys.cryptoStoreKey.slice(),
  cryptoCallbacks: {},
  backupGate: { open: false },
  log: () => {},
});
const { ed25519: deviceKey } = await cryptoOf(client).getOwnDeviceKeys();
const roomKey = await importRoomKey();

await vault.save({
  account: { userId: ME, deviceId, deviceKey, cryptoMade: true, encryption: "done" },
  tokens: { accessToken: "example-access", refreshToken: "example-refresh", expiresAt: now() + 300_000 },
  lease: { leaseMs: 3 * DAY_MS, server: now(), device: now(), ranMs: 1_000 },
  rotation: { at: now() - DAY_MS, blockMs: DAY_MS, pruned: true },
  roster: signing,
  "crypto-key": cryptoStoreKey,
});
await whatAWorkspaceStores();
await everythingElse();
closeSdkClient(client);
vault.close();

const again = await Vault.open((await provider.find()) ?? vault.storage);
if (again === "lost") throw new Error("what was stored can't be opened");
const records = await inTheClear(again);
again.close();

const stored: StoredBrowser = {
  note: "Test data: no person, no organisation and no key of this file is real. Never edited: see docs/operations/upgrade.md.",
  madeBy: VERSION,
  now: now(),
  deviceId,
  roomKey,
  texts: {
    replacedBucket: "hearth-00000000-0000-4000-8000-000000000000",
    "localStorage hearth.theme": "dark",
  },
  records,
  locked: await lockedPlace(),
  divided: await dividedPlace(),
  browser: await provider.dump(),
};
writeFileSync(file, toText(stored));
process.stdout.write(`${file}\n`);
process.exit(0);

/** What comes of an organisation with two requests, of a message that waits, and of what was asked and looked at. */
async function whatAWorkspaceStores(): Promise<void> {
  const session: SignedInSession = {
    ...world.session,
    records: vault.records,
    // The server takes nothing that is said: it waits.
    request: () => Promise.reject(new HttpFailure(0, "", "The server can't be reached.")),
  };
  const workspace = await HearthWorkspace.open(session);
  workspace.start();
  const rooms = { [ROOM]: requestEvents(1), [requestRoom(2)]: requestEvents(2) };
  await world.answer({ [ORG_ROOM]: { state: orgState(4) }, ...rooms }, 3);
  await settled();
  const newest = chat(person(0), "Example: on my way");
  await world.answer({ [ROOM]: { timeline: [newest] } }, 3);
  await settled();
  await workspace.run("room.open", { roomId: ROOM });
  await workspace.run("room.markRead", { roomId: ROOM, upTo: newest.event_id });
  await workspace.run("chat.send", { roomId: ROOM, body: "Example: this waits to be sent" });
  await workspace.run("request.open", {
    fields: { description: "Example: a new request that waits" },
    invite: [],
  });
  await settled();
  await workspace.dispose();
  world.stop();
}

async function settled(): Promise<void> {
  for (let i = 0; i < 2; i += 1) {
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setTimeout(resolve, 0));
    await world.answer({}, 3);
  }
}

/** Each kind that did not come of that, as its definition's example has it, with what this world's people know of it. */
async function everythingElse(): Promise<void> {
  const present = new Set((await inTheClear(vault)).map(({ name }) => name));
  const own = idFromBytes(new Uint8Array(16).fill(7));
  const keys: Readonly<Record<string, string>> = {
    "records.keyBlocks": ROOM,
    "records.keyAges": ROOM,
    "records.rooms": ROOM,
    "records.reads": ROOM,
    "records.outbox": own,
    "records.unreadable": `rooms ${requestRoom(9)}`,
    "records.access.own": `own:${own}`,
    "records.access.their": `their:${own}`,
    "records.access.gathered": `gathered:${own}`,
    "records.access.shared": `shared:${ROOM}`,
    "records.access.inbox": `inbox:${String(now()).padStart(16, "0")}:000001`,
  };
  const values: Readonly<Record<string, object>> = {
    "records.roster": { v: 1, org, pages: [["0", await founding()]] },
    "records.keyAges": { v: 1, at: { [roomKey.sessionId]: now() - DAY_MS } },
    "records.unreadable": { collection: "rooms", key: requestRoom(9), value: { v: 99 }, at: now() },
  };
  const missing = [...CATALOGUE.records.values()].filter(({ name, stored }) => stored && !present.has(name));
  await vault.records.write(
    missing.map(({ name, stored, example }) => ({
      collection: stored?.collection as StoredCollection,
      key: keys[name] ?? stored?.key ?? "",
      value: values[name] ?? example,
    })),
  );
}

/** The roster's first statement, by this person. */
async function founding() {
  const { publicKey, sign } = rosterKeysOf(signing);
  return signStatement<RosterStatement>(
    {
      v: 1,
      purpose: "roster",
      org,
      key: publicKey,
      at: Instant.parse(now()),
      body: {
        kind: "found",
        user: ME,
        master_key: MasterKey.parse("B".repeat(43)),
        index: 0,
        prev: rosterHead(EMPTY_ROSTER),
      },
    },
    sign,
  );
}

async function inTheClear({ records }: Vault) {
  const found: { name: string; collection: string; key: string; value: unknown }[] = [];
  for (const { name, stored } of CATALOGUE.records.values()) {
    if (!stored) continue;
    const begin = stored.key?.replace("*", "") ?? "";
    for (const { key, value } of await records.all<unknown>(stored.collection as "rooms"))
      if (key.startsWith(begin)) found.push({ name, collection: stored.collection, key, value });
  }
  return found;
}

/** A Megolm session that somebody else began, as an export has it. */
async function importRoomKey(): Promise<StoredBrowser["roomKey"]> {
  const made = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]);
  const signing = new Uint8Array(await crypto.subtle.exportKey("raw", made.publicKey));
  const ratchet = crypto.getRandomValues(new Uint8Array(128));
  const sessionId = unpaddedBase64(signing);
  await cryptoOf(client).importRoomKeys([
    {
      algorithm: "m.megolm.v1.aes-sha2",
      room_id: ROOM,
      session_id: sessionId,
      sender_key: unpaddedBase64(signing),
      sender_claimed_keys: { ed25519: unpaddedBase64(signing) },
      forwarding_curve25519_key_chain: [],
      session_key: base64(Uint8Array.from([1, 0, 0, 0, 0, ...ratchet, ...signing])),
    },
  ]);
  return { roomId: ROOM, sessionId };
}

async function lockedPlace(): Promise<StoredBrowser["locked"]> {
  const place = new MemoryStorage();
  const storage = await place.create();
  await storage.rootKey.write(newRootKey());
  await lockRootKey(storage, PASSPHRASE, QUICK);
  await writeNotes(storage, {
    ...NEW_NOTES,
    tries: { failed: 2, at: now() },
    idleMs: 300_000,
    lease: { leaseMs: 3 * DAY_MS, server: now(), device: now(), ranMs: 0 },
  });
  return { passphrase: PASSPHRASE, files: (await place.dump()).files };
}

async function dividedPlace(): Promise<StoredBrowser["divided"]> {
  const place = new MemoryStorage();
  const first = await place.create();
  await first.rootKey.write(newRootKey());
  const half = newRootKey();
  const account = { userId: ME, deviceId, cryptoMade: true, encryption: "done" } as const;
  const storage = await dividedSuccessor(first, half, { account, tokens: { accessToken: "example-access" } });
  await storage.rootKey.write(newRootKey());
  const { rootKey, files } = await place.dump();
  if (!rootKey) throw new Error("no half of a root key was stored");
  return { half, ours: rootKey, files };
}
