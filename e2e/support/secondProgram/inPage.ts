// Runs in a page of Hearth's origin, and shares no code with Hearth: what it knows is what docs/encryption.md says, and
// what stands in the profile. With every key that it finds it tries to open everything that it finds.
import * as matrix from "@matrix-org/matrix-sdk-crypto-wasm";
import { done, gather, leaves, type Database, type Gathered, type Row } from "./gather.ts";
import type { Rows, Report, Saved } from "./report.ts";

const RECORDS = "::records/";
const CRYPTO = "::matrix-sdk-crypto";
const SESSIONS = "inbound_group_sessions3";
const KEY_BYTES = 32;

/** Tries to read what was saved on the way, and tells what it found. */
async function look(saved: Saved): Promise<Report> {
  await matrix.initAsync();
  const all = await gather();
  const found = [...rootKeys(all), ...saved.oldRootKeys.map(bytesOf)];
  const roots = [...found, ...(await dividedRootKeys(all, found))];
  const records = await openRecords(all.rows, roots);
  const texts = [...all.texts, ...records, ...all.files.map(({ bytes }) => new TextDecoder().decode(bytes))];
  for (const { value } of all.rows) for (const leaf of leaves(value)) texts.push(asText(leaf));
  const opened: Record<string, string> = {};
  let sessions = 0;
  await withMachines(all, roots, records, saved, async (machine) => {
    const keys = JSON.parse(await machine.exportRoomKeys(() => true)) as unknown[];
    sessions = Math.max(sessions, keys.length);
    for (const event of saved.events) {
      const words = await decrypt(machine, event).catch(() => undefined);
      if (words !== undefined) opened[event.event_id] = words;
    }
  });
  return {
    places: [...new Set([...all.databases, ...all.files].map(({ place }) => place))],
    looked: [
      ...all.databases.map(({ place, name }) => `${place}: ${name}`),
      ...all.files.map(({ place, path }) => `${place}: ${path}`),
    ],
    rootKeys: rootKeys(all).map(hexOf),
    records: records.length,
    sessions,
    opened,
    words: saved.words.filter((word) => texts.some((text) => text.includes(word))),
  };
}

/** The rows of the sessions that open these events. */
async function rowsOf(saved: Saved): Promise<Rows> {
  await matrix.initAsync();
  const all = await gather();
  const roots = rootKeys(all);
  const asked: IDBValidKey[] = [];
  await withMachines(all, roots, await openRecords(all.rows, roots), saved, async (machine) => {
    for (const event of saved.events)
      for (const key of await keysAsked(() => decrypt(machine, event))) asked.push(key);
  });
  const rows: number[][] = [];
  for (const { name, factory } of all.databases.filter((each) => each.name.endsWith(CRYPTO))) {
    const database = await done(factory.open(name));
    for (const key of asked) {
      const row: unknown = await done(database.transaction(SESSIONS).objectStore(SESSIONS).get(key));
      if (row === undefined) continue;
      const parts = [...leaves(row)].map((leaf) =>
        typeof leaf === "string" ? new TextEncoder().encode(leaf) : leaf,
      );
      // The longest is the sealed key. The others name its sender and room, which newer keys' rows do as well.
      const sealed = parts.toSorted((a, b) => b.length - a.length)[0];
      if (sealed) rows.push([...sealed]);
    }
    database.close();
  }
  return { rows };
}

/** Puts sessions into the crypto store. @returns milliseconds that reading all of them out again takes */
async function fill(saved: Saved, batches: readonly string[]): Promise<number> {
  await matrix.initAsync();
  const all = await gather();
  const roots = rootKeys(all);
  let took = Number.NaN;
  await withMachines(all, roots, await openRecords(all.rows, roots), saved, async (machine) => {
    for (const keys of batches) await machine.importExportedRoomKeys(keys, () => {});
    const begun = performance.now();
    await machine.exportRoomKeys(() => true);
    took = performance.now() - begun;
  });
  return took;
}

/** Every file of the right size may be a root key. */
function rootKeys(all: Gathered): Uint8Array<ArrayBuffer>[] {
  return all.files.flatMap(({ bytes }) => (bytes.length === KEY_BYTES ? [bytes] : []));
}

const SAFE_FILE_HEAD = 36;
const IV_BYTES = 12;

/**
 * Where the server has a half: the other one opens the file with the tokens, and a live token gets the server's. What a
 * thief does who has a copy of the disk and a network.
 */
async function dividedRootKeys(
  all: Gathered,
  halves: readonly Uint8Array<ArrayBuffer>[],
): Promise<Uint8Array<ArrayBuffer>[]> {
  const roots: Uint8Array<ArrayBuffer>[] = [];
  for (const { path, bytes } of all.files)
    for (const half of halves) {
      if (!path.startsWith("sealed-header.")) continue;
      const key = await crypto.subtle.importKey(
        "raw",
        await derive(half, "sealed-header"),
        "AES-GCM",
        false,
        ["decrypt"],
      );
      const sealed = bytes.slice(SAFE_FILE_HEAD);
      const algorithm = {
        name: "AES-GCM",
        iv: sealed.slice(0, IV_BYTES),
        additionalData: new TextEncoder().encode("org.hearth.sealed-header"),
      };
      const plain = await crypto.subtle
        .decrypt(algorithm, key, sealed.slice(IV_BYTES))
        .catch(() => undefined);
      if (!plain) continue;
      const theirs = await serversHalf(JSON.parse(new TextDecoder().decode(plain)) as SealedHeader);
      if (theirs) roots.push(theirs.map((byte, i) => byte ^ (half[i] ?? 0)));
    }
  return roots;
}

type SealedHeader = {
  account: { userId: string; deviceId: string };
  tokens: { accessToken: string; refreshToken?: string };
};

async function serversHalf({ account, tokens }: SealedHeader): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const type = `org.hearth.unlock.${account.deviceId}`;
  const v3 = "/_matrix/client/v3";
  const refreshed = await fetch(`${v3}/refresh`, {
    method: "POST",
    body: JSON.stringify({ refresh_token: tokens.refreshToken }),
  });
  const { access_token = "" } = (await refreshed.json()) as { access_token?: string };
  for (const token of [tokens.accessToken, access_token]) {
    const answer = await fetch(`${v3}/user/${encodeURIComponent(account.userId)}/account_data/${type}`, {
      headers: { Authorization: `Bearer ${token}` },
    });
    const { half } = (await answer.json()) as { half?: string };
    if (half === undefined) continue;
    const text = atob(half.replaceAll("-", "+").replaceAll("_", "/"));
    return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  }
  return undefined;
}

/** The records that open under one of the keys, as text. */
async function openRecords(
  rows: readonly Row[],
  roots: readonly Uint8Array<ArrayBuffer>[],
): Promise<string[]> {
  const opened: string[] = [];
  for (const root of roots) {
    const key = await crypto.subtle.importKey("raw", await derive(root, "records"), "AES-GCM", false, [
      "decrypt",
    ]);
    for (const { store, value } of rows) {
      const at = store.indexOf(RECORDS);
      const row = value as { name?: ArrayBuffer; iv?: Uint8Array<ArrayBuffer>; data?: ArrayBuffer };
      if (at < 0 || !row.name || !row.iv || !row.data) continue;
      const label = new TextEncoder().encode(`${store.slice(at + RECORDS.length)}\0`);
      const additionalData = new Uint8Array([...label, ...new Uint8Array(row.name)]);
      try {
        const plain = await crypto.subtle.decrypt(
          { name: "AES-GCM", iv: row.iv, additionalData },
          key,
          row.data,
        );
        opened.push(new TextDecoder().decode(plain));
      } catch {
        // Another key's.
      }
    }
  }
  return opened;
}

async function derive(root: Uint8Array<ArrayBuffer>, use: string): Promise<Uint8Array<ArrayBuffer>> {
  const material = await crypto.subtle.importKey("raw", root, "HKDF", false, ["deriveBits"]);
  const info = new TextEncoder().encode(`org.hearth.${use}`);
  const options = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(32), info };
  return new Uint8Array(await crypto.subtle.deriveBits(options, material, 256));
}

/** With each crypto store that one of the keys opens. A key is derived from a root key, or stands among the records. */
async function withMachines(
  all: Gathered,
  roots: readonly Uint8Array<ArrayBuffer>[],
  records: readonly string[],
  saved: Saved,
  work: (machine: matrix.OlmMachine) => Promise<void>,
): Promise<void> {
  const keys = await Promise.all(roots.map((root) => derive(root, "crypto-store")));
  for (const record of records)
    for (const leaf of leaves(JSON.parse(record)))
      if (typeof leaf !== "string" && leaf.length === KEY_BYTES) keys.push(leaf);
  for (const database of all.databases.filter(({ name }) => name.endsWith(CRYPTO)))
    for (const key of keys) {
      const machine = await openMachine(database, key, saved).catch(() => undefined);
      if (!machine) continue;
      await work(machine);
      machine.close();
    }
}

async function openMachine(
  { factory, name }: Database,
  key: Uint8Array<ArrayBuffer>,
  saved: Saved,
): Promise<matrix.OlmMachine> {
  Object.defineProperty(globalThis, "indexedDB", { value: factory, configurable: true });
  const store = await matrix.StoreHandle.openWithKey(name.slice(0, -CRYPTO.length), key.slice());
  const { UserId, DeviceId } = matrix;
  return matrix.OlmMachine.initFromStore(new UserId(saved.userId), new DeviceId(saved.deviceId), store);
}

async function decrypt(machine: matrix.OlmMachine, event: Saved["events"][number]): Promise<string> {
  const settings = new matrix.DecryptionSettings(matrix.TrustRequirement.Untrusted);
  const room = new matrix.RoomId(event.room_id);
  const decrypted = await machine.decryptRoomEvent(JSON.stringify(event), room, settings);
  return decrypted.event;
}

/** Which rows of the sessions' store somebody asks for: their keys are hashed, and how is nobody else's business. */
async function keysAsked(work: () => Promise<unknown>): Promise<IDBValidKey[]> {
  const asked: IDBValidKey[] = [];
  const { get } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.get = function (this: IDBObjectStore, key: IDBValidKey) {
    if (this.name === SESSIONS) asked.push(key);
    return get.call(this, key);
  };
  try {
    await work();
  } finally {
    IDBObjectStore.prototype.get = get;
  }
  return asked;
}

const asText = (leaf: Uint8Array | string) =>
  typeof leaf === "string" ? leaf : new TextDecoder("latin1").decode(leaf);
const hexOf = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const bytesOf = (hex: string) =>
  new Uint8Array(hex.match(/../g)?.map((byte) => Number.parseInt(byte, 16)) ?? []);

Object.assign(globalThis, { secondProgram: { look, rowsOf, fill } });
