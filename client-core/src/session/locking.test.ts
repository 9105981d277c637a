import { expect, test } from "vitest";
import { createNodeClient } from "../host/node.ts";
import { lockRootKey } from "./appLock/keyLock.ts";
import { MemoryStorage } from "./storage/memory.ts";
import { Vault } from "./vault.ts";

const PASSPHRASE = "a lamp in the window";
/** Enough for a test, and quick. */
const QUICK = { memoryKiB: 64, passes: 1, lanes: 1 };

/** A storage that takes its time to say what it holds. */
class SlowStorage extends MemoryStorage {
  held: Promise<void> = Promise.resolve();
  asked = 0;

  override async find() {
    this.asked += 1;
    await this.held;
    return super.find();
  }

  /** From now on `find` waits. @returns lets it go on */
  hold(): () => void {
    let letGo = () => {};
    this.held = new Promise((resolve) => (letGo = resolve));
    return letGo;
  }
}

/** A session with a dead token under an app lock: it needs no server to be opened. */
async function lockedSession(storage: SlowStorage) {
  const place = await storage.create();
  const vault = await Vault.create(place);
  const account = { userId: "@a:b", deviceId: "D", cryptoMade: false, encryption: "check" } as const;
  await vault.save({ account: { ...account, locked: "Sign in again." }, tokens: { accessToken: "t" } });
  vault.close();
  await lockRootKey(place, PASSPHRASE, QUICK);
  const client = await createNodeClient({
    baseUrl: "http://localhost",
    storage,
    fetch: () => Promise.reject(new TypeError("no network")),
  });
  return { client, place };
}

test("[P7] signing out while the app is just being locked destroys the keys, and shows no lock page afterwards", async () => {
  const storage = new SlowStorage();
  const { client, place } = await lockedSession(storage);
  const kind = () => client.view("session")?.phase.kind;
  expect(kind()).toBe("app_locked");
  expect(await client.run("lock.open", { passphrase: PASSPHRASE })).toMatchObject({ ok: true });
  expect(kind()).toBe("locked");

  const letGo = storage.hold();
  const before = storage.asked;
  expect(await client.run("lock.now", {})).toMatchObject({ ok: true });
  await expect.poll(() => storage.asked).toBe(before + 1);
  expect(await client.run("session.signOut", {})).toMatchObject({ ok: true });
  for (const slot of ["a", "b"]) expect(await place.files.read(`lock.${slot}`)).toBeUndefined();
  expect(await storage.peek()).toBeUndefined();
  letGo();
  await client.dispose();
  expect(kind()).toBe("signed_out");
});

test.each([
  ["before it is looked at", 1],
  ["when it was right", 2],
])(
  "[P7] a passphrase on which somebody signs out opens nothing afterwards: the try is held %s",
  async (_when, nth) => {
    const storage = new SlowStorage();
    const { client, place } = await lockedSession(storage);
    let letGo = () => {};
    const held = new Promise<void>((resolve) => (letGo = resolve));
    const write = place.files.write.bind(place.files);
    let writes = 0;
    let written: Promise<void> | undefined;
    place.files.write = (name, bytes) => {
      writes += 1;
      if (writes !== nth) return write(name, bytes);
      written = held.then(() => write(name, bytes));
      return written;
    };
    const opening = client.run("lock.open", { passphrase: PASSPHRASE });
    await expect.poll(() => writes).toBe(nth);
    expect(await client.run("session.signOut", {})).toMatchObject({ ok: true });
    const after: string[] = [];
    client.subscribe("session", () => after.push(client.view("session")?.phase.kind ?? ""));
    letGo();
    await written;
    expect(await opening).toMatchObject({ ok: false });
    await client.dispose();
    expect(after).toEqual([]);
    expect(client.view("session")?.phase).toEqual({ kind: "signed_out" });
    expect(await storage.peek()).toBeUndefined();
  },
);
