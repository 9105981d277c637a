import type { RawFiles } from "./safeFile.ts";
import { ROOT_KEY_BYTES } from "./storage.ts";
import type { RootKeyFile } from "./storage.ts";

const FILE_NAME = "root-key";

/**
 * The root key as a small file of a private file system (a bucket's or the origin's). Only a worker can open one
 * for writing in place.
 */
export function privateRootKeyFile(directory: () => Promise<FileSystemDirectoryHandle>): RootKeyFile {
  const open = async (create: boolean) => {
    const file = await (await directory()).getFileHandle(FILE_NAME, { create });
    return file.createSyncAccessHandle();
  };
  return {
    async read() {
      const handle = await missingIsUndefined(open(false));
      if (!handle) return undefined;
      try {
        const key = new Uint8Array(ROOT_KEY_BYTES);
        const complete =
          handle.getSize() === ROOT_KEY_BYTES && handle.read(key, { at: 0 }) === ROOT_KEY_BYTES;
        return complete && key.some((byte) => byte !== 0) ? key : undefined;
      } finally {
        handle.close();
      }
    },
    async write(key) {
      const handle = await open(true);
      try {
        handle.write(key, { at: 0 });
        handle.truncate(ROOT_KEY_BYTES);
        handle.flush();
      } finally {
        handle.close();
      }
    },
    destroy: async () => destroyFile(await directory(), FILE_NAME),
  };
}

/** Other small files beside it. */
export function privateFiles(directory: () => Promise<FileSystemDirectoryHandle>): RawFiles {
  return {
    async read(name) {
      const file = await missingIsUndefined((await directory()).getFileHandle(name));
      return file && new Uint8Array(await (await file.getFile()).arrayBuffer());
    },
    async write(name, bytes) {
      const file = await (await directory()).getFileHandle(name, { create: true });
      const handle = await file.createSyncAccessHandle();
      try {
        handle.write(bytes, { at: 0 });
        handle.truncate(bytes.length);
        handle.flush();
      } finally {
        handle.close();
      }
    },
    destroy: async (name) => destroyFile(await directory(), name),
  };
}

async function destroyFile(directory: FileSystemDirectoryHandle, name: string): Promise<void> {
  const file = await missingIsUndefined(directory.getFileHandle(name));
  if (!file) return;
  const handle = await file.createSyncAccessHandle();
  try {
    const size = handle.getSize();
    for (const bytes of [crypto.getRandomValues(new Uint8Array(size)), new Uint8Array(size)]) {
      handle.write(bytes, { at: 0 });
      handle.flush();
    }
  } finally {
    handle.close();
  }
  await directory.removeEntry(name);
}

/** Busy or unreadable for now is not missing: a start that took it for that would begin anew. */
async function missingIsUndefined<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof DOMException && error.name === "NotFoundError") return undefined;
    throw error;
  }
}

/** @returns undefined when there is no such file */
export async function readText(
  directory: FileSystemDirectoryHandle,
  name: string,
): Promise<string | undefined> {
  try {
    const file = await (await directory.getFileHandle(name)).getFile();
    return await file.text();
  } catch (error) {
    if (error instanceof DOMException && error.name === "NotFoundError") return undefined;
    throw error;
  }
}

export async function writeText(
  directory: FileSystemDirectoryHandle,
  name: string,
  text: string,
): Promise<void> {
  const file = await directory.getFileHandle(name, { create: true });
  const handle = await file.createSyncAccessHandle();
  try {
    handle.write(new TextEncoder().encode(text), { at: 0 });
    handle.flush();
  } finally {
    handle.close();
  }
}
