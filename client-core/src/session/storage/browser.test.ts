import { afterEach, expect, test, vi } from "vitest";
import { lockRootKey, readLock } from "../appLock/keyLock.ts";
import { browserStorage } from "./browser.ts";
import { MemoryStorage } from "./memory.ts";
import { newRootKey } from "./rootKey.ts";

const QUICK = { memoryKiB: 64, passes: 1, lanes: 1 };

// Puts the globals of IndexedDB in place.
await new MemoryStorage().create();

afterEach(() => {
  vi.unstubAllGlobals();
});

const missing = () => new DOMException("there is none", "NotFoundError");

/** A folder of a browser's private file system, in memory; it can do what the storage needs. */
class PrivateFolder {
  readonly #folders = new Map<string, PrivateFolder>();
  readonly #files = new Map<string, Uint8Array<ArrayBuffer>>();

  getDirectoryHandle(name: string, { create = false } = {}) {
    if (create && !this.#folders.has(name)) this.#folders.set(name, new PrivateFolder());
    return given(this.#folders.get(name));
  }

  async getFileHandle(name: string, { create = false } = {}) {
    if (create && !this.#files.has(name)) this.#files.set(name, new Uint8Array());
    await given(this.#files.get(name));
    const bytes = () => this.#files.get(name) ?? new Uint8Array();
    const resize = (length: number) => {
      const resized = new Uint8Array(length);
      resized.set(bytes().subarray(0, length));
      this.#files.set(name, resized);
    };
    const handle = {
      getSize: () => bytes().length,
      read: (into: Uint8Array) => {
        const some = bytes().subarray(0, into.length);
        into.set(some);
        return some.length;
      },
      write: (from: Uint8Array) => {
        resize(Math.max(bytes().length, from.length));
        bytes().set(from);
      },
      truncate: resize,
      flush() {},
      close() {},
    };
    return {
      getFile: () => Promise.resolve(new Blob([bytes()])),
      createSyncAccessHandle: () => Promise.resolve(handle),
    };
  }

  removeEntry(name: string) {
    if (!this.#folders.delete(name) && !this.#files.delete(name)) return Promise.reject(missing());
    return Promise.resolve();
  }
}

function given<T>(found: T | undefined): Promise<T> {
  return found === undefined ? Promise.reject(missing()) : Promise.resolve(found);
}

test("[P7] in storage without buckets, a lock that an earlier session left behind does not count for the next one", async () => {
  const root = new PrivateFolder();
  vi.stubGlobal("navigator", { storage: { getDirectory: () => Promise.resolve(root) } });
  const earlier = await browserStorage().create();
  await earlier.rootKey.write(newRootKey());
  await lockRootKey(earlier, "a lamp in the window", QUICK);
  expect(await readLock(earlier)).toBeDefined();

  const next = await browserStorage().create();
  const key = newRootKey();
  await next.rootKey.write(key);
  const found = await browserStorage().find();
  expect(found && (await readLock(found))).toBeUndefined();
  expect(await found?.rootKey.read()).toEqual(key);
});
