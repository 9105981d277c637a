import { expect, test } from "vitest";
import { lockRootKey, openByPassphrase, readLock } from "../appLock/keyLock.ts";
import { divided, dividedSuccessor, isDivided, placeOf, wholeSuccessor } from "./dividedStorage.ts";
import { SealedHeader, digestOf } from "./sealedHeader.ts";
import { MemoryStorage } from "./memory.ts";
import { newRootKey } from "./rootKey.ts";

const account = { userId: "@a:b", deviceId: "D", cryptoMade: true, encryption: "done" } as const;
const values = { account, tokens: { accessToken: "t" } };
const QUICK = { memoryKiB: 8, passes: 1, lanes: 1 };

async function dividedPlace() {
  const provider = new MemoryStorage();
  const first = await provider.create();
  await first.rootKey.write(newRootKey());
  const half = newRootKey();
  const storage = await dividedSuccessor(first, half, values);
  const rootKey = newRootKey();
  await storage.rootKey.write(rootKey.slice());
  return { provider, storage, half, rootKey };
}

test("[P7] a divided root key needs both halves, and what is stored opens the tokens alone", async () => {
  const { provider, half, rootKey } = await dividedPlace();
  const place = await provider.find();
  if (!place) throw new Error("nothing is stored");
  const ours = await place.rootKey.read();
  expect(ours).not.toEqual(rootKey);
  expect(ours).not.toEqual(half);
  const header = await SealedHeader.open(place);
  expect(header?.values).toEqual({ ...values, halfDigest: await digestOf(half) });
  if (!header) throw new Error("no sealed header");
  expect(await divided(place, half, header).rootKey.read()).toEqual(rootKey);
  expect(await divided(place, newRootKey(), header).rootKey.read()).not.toEqual(rootKey);
  await header.save({ tokens: { accessToken: "u" } });
  expect((await SealedHeader.open(place))?.values).toMatchObject({ account, tokens: { accessToken: "u" } });
});

test("[P3] where it moves to it has another half of its own, and the same one of the server's", async () => {
  const { storage, half } = await dividedPlace();
  const next = await storage.successor?.();
  const newKey = newRootKey();
  await next?.rootKey.write(newKey.slice());
  if (!isDivided(next)) throw new Error("it is not divided");
  expect(await next.rootKey.read()).toEqual(newKey);
  expect(await next.place.rootKey.read()).not.toEqual(await storage.place.rootKey.read());
  const header = await SealedHeader.open(next.place);
  expect(header && (await divided(next.place, half, header).rootKey.read())).toEqual(newKey);
  const whole = await wholeSuccessor(storage.place);
  expect(isDivided(whole)).toBe(false);
  expect(placeOf(next)).toBe(next.place);
});

test("an app lock wraps the device's half, and both have to be opened", async () => {
  const { provider, storage, half, rootKey } = await dividedPlace();
  const locked = await lockRootKey(storage.place, "a lamp in the window", QUICK);
  expect(await storage.around(locked).rootKey.read()).toEqual(rootKey);
  const place = await provider.find();
  const record = place && (await readLock(place));
  if (!place || !record) throw new Error("no lock");
  expect(await place.rootKey.read()).toBeUndefined();
  expect(await SealedHeader.open(place)).toBeUndefined();
  const unlocked = await openByPassphrase(place, record, "a lamp in the window");
  const header = unlocked && (await SealedHeader.open(unlocked));
  expect(header?.values).toMatchObject(values);
  expect(header && unlocked && (await divided(unlocked, half, header).rootKey.read())).toEqual(rootKey);
  await storage.rootKey.destroy();
  for (const name of ["lock", "sealed-header"])
    for (const slot of ["a", "b"]) expect(await place.files.read(`${name}.${slot}`)).toBeUndefined();
});
