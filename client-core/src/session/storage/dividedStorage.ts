import { SealedHeader, digestOf } from "./sealedHeader.ts";
import type { HeaderValues } from "./sealedHeader.ts";
import { destroyRootKey } from "./storage.ts";
import type { SessionStorage } from "./storage.ts";

/** A session's storage whose root key is divided: one half lies in its place, the other one with the server. */
export type DividedStorage = SessionStorage & {
  readonly header: SealedHeader;
  /** The same without the server's half: reading its root key gives the device's half. */
  readonly place: SessionStorage;
  /** The same around another form of its place: an app lock was turned on or off. */
  around(place: SessionStorage): DividedStorage;
};

/** What a root key's own file, or the app lock, holds: all of the key, or the device's half. */
export function placeOf<S extends SessionStorage | undefined>(storage: S): S | SessionStorage {
  return isDivided(storage) ? storage.place : storage;
}

export function isDivided(storage: SessionStorage | undefined): storage is DividedStorage {
  return storage?.header !== undefined;
}

/**
 * The root key is both halves, one over the other (XOR): each of them alone is a random number and says nothing. A place
 * that a session moves to gets another half of its own; the server's stays, so moving needs no server.
 * @param place as it is without the server: where an app lock is on, its unlocked form
 * @param half the server's, in memory only
 */
export function divided(
  place: SessionStorage,
  half: Uint8Array<ArrayBuffer>,
  header: SealedHeader,
): DividedStorage {
  return {
    ...place,
    header,
    place,
    around: (other) => divided(other, half, header),
    rootKey: {
      async read() {
        const ours = await place.rootKey.read();
        return ours && over(ours, half);
      },
      // The header first: the half makes the place the session's.
      async write(rootKey) {
        const ours = over(rootKey.slice(), half);
        await header.shut(ours.slice());
        await place.rootKey.write(ours);
        ours.fill(0);
      },
      destroy: () => destroyRootKey(place),
    },
    ...(place.successor ? { successor: () => dividedSuccessor(place, half, header.values) } : {}),
  };
}

/** A place without a key, to which a session moves whose root key will be divided. @param from as it is without the server */
export async function dividedSuccessor(
  from: SessionStorage,
  half: Uint8Array<ArrayBuffer>,
  values: Omit<HeaderValues, "halfDigest">,
): Promise<DividedStorage> {
  const next = await wholeSuccessor(from);
  const halfDigest = await digestOf(half);
  return divided(next, half, SealedHeader.prepare(next, { ...values, halfDigest }));
}

/** A place without a key, to which a session moves whose root key will be whole. */
export async function wholeSuccessor(place: SessionStorage): Promise<SessionStorage> {
  const next = await place.successor?.();
  if (!next) throw new Error("this session can't be moved");
  return next;
}

/** The first, changed in place. */
function over(a: Uint8Array<ArrayBuffer>, b: Uint8Array): Uint8Array<ArrayBuffer> {
  for (let i = 0; i < a.length; i++) a[i] = (a[i] ?? 0) ^ (b[i] ?? 0);
  return a;
}
