import { expect, test } from "vitest";
import { MemoryStorage } from "../storage/memory.ts";
import { newRootKey } from "../storage/rootKey.ts";
import { SafeFile } from "../storage/safeFile.ts";
import type { RawFiles } from "../storage/safeFile.ts";
import { destroyRootKey, hasRootKey } from "../storage/storage.ts";
import type { SessionStorage } from "../storage/storage.ts";
import {
  addPasskey,
  changePassphrase,
  finishLocking,
  lockRootKey,
  openByPasskey,
  openByPassphrase,
  readLock,
  removePasskey,
  unlockForGood,
} from "./keyLock.ts";
import type { UnlockedStorage } from "./keyLock.ts";
import { STRETCHING, passphraseKey } from "./passphraseKey.ts";

/** The smallest that Argon2 takes: these tests are not about how long it takes. */
const QUICK = { memoryKiB: 8, passes: 1, lanes: 1 };
const FIRST = "a lamp in the window";
const SECOND = "another lamp, further away";

async function place(): Promise<{ storage: SessionStorage; rootKey: Uint8Array<ArrayBuffer> }> {
  const storage = await new MemoryStorage().create();
  const rootKey = newRootKey();
  await storage.rootKey.write(rootKey);
  return { storage, rootKey };
}

async function open(storage: SessionStorage, passphrase: string): Promise<UnlockedStorage | undefined> {
  const record = await readLock(storage);
  return record && openByPassphrase(storage, record, passphrase);
}

test("[P7] a locked root key opens with its passphrase alone, and its plain file is gone", async () => {
  const { storage, rootKey } = await place();
  const unlocked = await lockRootKey(storage, FIRST, QUICK);
  expect(await unlocked.rootKey.read()).toEqual(rootKey);
  expect(await storage.rootKey.read()).toBeUndefined();
  expect(await hasRootKey(storage)).toBe(true);
  expect(await open(storage, SECOND)).toBeUndefined();
  expect(await (await open(storage, FIRST))?.rootKey.read()).toEqual(rootKey);
});

test("the passphrase changes, and the lock goes again", async () => {
  const { storage, rootKey } = await place();
  const before = await lockRootKey(storage, FIRST, QUICK);
  const record = await readLock(storage);
  const after = await changePassphrase(before, SECOND, QUICK);
  expect(await after.rootKey.read()).toEqual(rootKey);
  expect(await open(storage, FIRST)).toBeUndefined();
  expect(record && (await openByPassphrase(storage, record, SECOND))).toBeUndefined();
  await unlockForGood(after);
  expect(await readLock(storage)).toBeUndefined();
  expect(await storage.rootKey.read()).toEqual(rootKey);
});

test("[P3] a place that a session moves to comes under the same lock, without the passphrase", async () => {
  const { storage } = await place();
  const unlocked = await lockRootKey(storage, FIRST, QUICK);
  const next = (await unlocked.successor?.()) as UnlockedStorage;
  const newKey = newRootKey();
  await next.rootKey.write(newKey);
  expect(await next.rootKey.read()).toEqual(newKey);
  expect(await next.locked.rootKey.read()).toBeUndefined();
  expect(await (await open(next.locked, FIRST))?.rootKey.read()).toEqual(newKey);
  await destroyRootKey(unlocked);
  expect(await hasRootKey(storage)).toBe(false);
});

test("a passkey opens it as well, and only the one that was added", async () => {
  const { storage, rootKey } = await place();
  await lockRootKey(storage, FIRST, QUICK);
  const record = await readLock(storage);
  const prf = newRootKey();
  const passkey = { credentialId: "id", salt: newRootKey(), prf: prf.slice() };
  if (!record) throw new Error("no lock");
  expect(await addPasskey(storage, record, SECOND, { ...passkey, prf: prf.slice() })).toBeUndefined();
  expect(await addPasskey(storage, record, FIRST, passkey)).toBeDefined();
  const both = await readLock(storage);
  if (!both) throw new Error("no lock");
  expect(await openByPasskey(storage, both, newRootKey())).toBeUndefined();
  expect(await (await openByPasskey(storage, both, prf.slice()))?.rootKey.read()).toEqual(rootKey);
  const unlocked = (await open(storage, FIRST)) as UnlockedStorage;
  expect(await unlocked.rootKey.read()).toEqual(rootKey);
  expect(await (await removePasskey(unlocked)).rootKey.read()).toEqual(rootKey);
  const without = await readLock(storage);
  expect(without && (await openByPasskey(storage, without, prf.slice()))).toBeUndefined();
  expect(await (await open(storage, FIRST))?.rootKey.read()).toEqual(rootKey);
});

test("a lock that asks for more memory or time than any of ours is refused before any of it is spent", async () => {
  const { storage } = await place();
  await lockRootKey(storage, FIRST, QUICK);
  const file = new SafeFile(storage.files, "lock");
  const text = new TextDecoder().decode((await file.read()) ?? new Uint8Array());
  await file.write(new TextEncoder().encode(text.replace('"memoryKiB":8', '"memoryKiB":99999999')));
  await expect(readLock(storage)).rejects.toThrow();
});

test("the key is what OpenSSL's Argon2id makes of the same passphrase, with the figures of RFC 9106", async () => {
  expect(STRETCHING).toEqual({ memoryKiB: 65_536, passes: 3, lanes: 4 });
  // node:crypto's argon2Sync("argon2id", …), 32 bytes.
  const theirs = "3a34bd1261ecd56f902e2e5d8d75742587e3b5447ef87b0e815c4183000a655f";
  const ours = await passphraseKey(
    FIRST,
    Uint8Array.from({ length: 16 }, (_, i) => i),
  );
  const bytes = Uint8Array.from(theirs.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  const key = await crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt"]);
  const algorithm = { name: "AES-GCM", iv: new Uint8Array(12) };
  const [a, b] = await Promise.all(
    [ours, key].map((each) => crypto.subtle.encrypt(algorithm, each, new Uint8Array(8))),
  );
  expect(new Uint8Array(a as ArrayBuffer)).toEqual(new Uint8Array(b as ArrayBuffer));
});

/** Every step that touches the disk. Killed at the n-th: a write leaves half of its bytes, and nothing follows. */
class Killer {
  #left: number;
  constructor(steps: number) {
    this.#left = steps;
  }
  get dead(): boolean {
    return this.#left < 0;
  }
  async step(work: () => Promise<void>, torn: () => Promise<void>): Promise<void> {
    this.#left -= 1;
    if (this.#left < -1) throw new Error("killed");
    if (this.#left === -1) {
      await torn();
      throw new Error("killed");
    }
    return work();
  }
  wrap(storage: SessionStorage): SessionStorage {
    const { rootKey, files } = storage;
    const garbage = () => crypto.getRandomValues(new Uint8Array(32));
    const wrapped: RawFiles = {
      read: (name) => files.read(name),
      write: (name, bytes) =>
        this.step(
          () => files.write(name, bytes),
          () => files.write(name, bytes.slice(0, bytes.length / 2)),
        ),
      destroy: (name) =>
        this.step(
          () => files.destroy(name),
          async () => {
            if (await files.read(name)) await files.write(name, garbage());
          },
        ),
    };
    return {
      ...storage,
      files: wrapped,
      rootKey: {
        read: () => rootKey.read(),
        // Half of a key is no key; half of an overwriting is a wrong one.
        write: (key) =>
          this.step(
            () => rootKey.write(key),
            async () => {},
          ),
        destroy: () =>
          this.step(
            () => rootKey.destroy(),
            async () => {
              if (await rootKey.read()) await rootKey.write(garbage());
            },
          ),
      },
    };
  }
}

/** As a start does it: the plain key where there is no lock, else one of the passphrases. */
async function opensWith(storage: SessionStorage): Promise<{ by: string; rootKey: Uint8Array | undefined }> {
  const record = await readLock(storage);
  if (!record) return { by: "nothing", rootKey: await storage.rootKey.read() };
  await finishLocking(storage);
  expect(await storage.rootKey.read()).toBeUndefined();
  for (const by of [FIRST, SECOND]) {
    const unlocked = await openByPassphrase(storage, record, by);
    if (unlocked) return { by, rootKey: await unlocked.rootKey.read() };
  }
  return { by: "neither", rootKey: undefined };
}

const changes = {
  "turning it on": { before: "nothing", after: FIRST },
  "changing the passphrase": { before: FIRST, after: SECOND },
  "turning it off": { before: FIRST, after: "nothing" },
} as const;

for (const [what, { before, after }] of Object.entries(changes))
  test(`[P7] killed at any step of ${what}, it opens as before or as afterwards, never neither`, async () => {
    const seen = new Set<string>();
    for (let steps = 0; ; steps++) {
      const { storage, rootKey } = await place();
      if (before !== "nothing") await lockRootKey(storage, before, QUICK);
      const killer = new Killer(steps);
      const doomed = killer.wrap(storage);
      const work = async () => {
        if (before === "nothing") return void (await lockRootKey(doomed, after, QUICK));
        const unlocked = (await open(doomed, before)) as UnlockedStorage;
        if (after === "nothing") await unlockForGood(unlocked);
        else await changePassphrase(unlocked, after, QUICK);
      };
      await work().catch(() => {});
      const now = await opensWith(storage);
      expect([before, after], `after ${steps} steps`).toContain(now.by);
      expect(now.rootKey).toEqual(rootKey);
      seen.add(now.by);
      if (!killer.dead) {
        expect(now.by).toBe(after);
        break;
      }
    }
    expect(seen).toEqual(new Set([before, after]));
  });
