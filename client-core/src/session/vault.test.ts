import { expect, test } from "vitest";
import { MemoryStorage } from "./storage/memory.ts";
import { databaseNames, deleteDatabase } from "./storage/storage.ts";
import { Vault } from "./vault.ts";

const account = { userId: "@a:b", deviceId: "D", cryptoMade: false, encryption: "check" } as const;
const tokens = { accessToken: "t" };

async function stored() {
  const storage = await new MemoryStorage().create();
  const vault = await Vault.create(storage);
  return { storage, vault, names: databaseNames(storage.databasePrefix) };
}

function makeDatabase(factory: IDBFactory, name: string): Promise<void> {
  return new Promise((resolve) => {
    const request = factory.open(name);
    request.addEventListener("success", () => {
      request.result.close();
      resolve();
    });
  });
}

test("what was saved is there after closing and opening", async () => {
  const { storage, vault } = await stored();
  await vault.save({ account, tokens });
  await vault.patchAccount({ encryption: "done" });
  vault.close();
  const again = await Vault.open(storage);
  if (again === "lost") throw new Error("lost");
  expect(again.account).toEqual({ ...account, encryption: "done" });
  expect(await again.tokens()).toEqual(tokens);
  await again.save({ tokens: null });
  expect(await again.tokens()).toBeUndefined();
  again.close();
});

test("a root key that the browser threw away is a lost session", async () => {
  const { storage, vault } = await stored();
  vault.close();
  await storage.rootKey.destroy();
  expect(await Vault.open(storage)).toBe("lost");
});

test("a crypto store that the browser threw away is a lost session", async () => {
  const { storage, vault, names } = await stored();
  await vault.save({ account: { ...account, cryptoMade: true }, tokens });
  vault.close();
  expect(await Vault.open(storage)).toBe("lost");
  await makeDatabase(storage.indexedDB, names.crypto);
  expect(await Vault.open(storage)).not.toBe("lost");
});

test("records that the browser threw away, beside a crypto store, are a lost session", async () => {
  const { storage, vault, names } = await stored();
  await vault.save({ account: { ...account, cryptoMade: true }, tokens });
  vault.close();
  await makeDatabase(storage.indexedDB, names.crypto);
  await deleteDatabase(storage.indexedDB, names.records);
  expect(await Vault.open(storage)).toBe("lost");
});

test("a crypto store made by a start that broke off before noting it is no loss", async () => {
  const { storage, vault, names } = await stored();
  await vault.save({ account, tokens });
  vault.close();
  await makeDatabase(storage.indexedDB, names.crypto);
  expect(await Vault.open(storage)).not.toBe("lost");
});
