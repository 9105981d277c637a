import type { MemoryStorage } from "@hearth/client-core/node.ts";
import { MatrixClient, MatrixEvent, MemoryStore, type IEvent } from "matrix-js-sdk";
import type { CryptoApi } from "matrix-js-sdk/lib/crypto-api/index.js";
import { until } from "../../support/server.ts";

/** The keys of the rows in which a device, running or not, holds room keys. */
export async function roomKeyRows(storage: MemoryStorage): Promise<string[]> {
  for (;;) {
    const place = await storage.peek();
    if (!place) throw new Error("nothing is stored");
    const name = `${place.databasePrefix}::matrix-sdk-crypto`;
    const database = await answer(place.indexedDB.open(name));
    const isThere = database.objectStoreNames.contains("inbound_group_sessions3");
    const keys = isThere
      ? await answer(
          database.transaction("inbound_group_sessions3").objectStore("inbound_group_sessions3").getAllKeys(),
        )
      : undefined;
    database.close();
    if (keys) return keys as string[];
    // A storage rotation has taken the place away under the look, which made an empty database in its stead.
    place.indexedDB.deleteDatabase(name);
  }
}

type Place = NonNullable<Awaited<ReturnType<MemoryStorage["peek"]>>>;

/** Waits until nothing of a place's databases is left: one that something still holds open goes when that lets go. */
export function databasesGo(place: Place | undefined): Promise<void> {
  if (!place) throw new Error("nothing was stored");
  const { indexedDB: factory, databasePrefix } = place;
  return until("its databases are gone", async () =>
    (await factory.databases()).every(({ name }) => !name?.startsWith(databasePrefix)),
  );
}

type Row = { name: ArrayBuffer; iv: Uint8Array<ArrayBuffer>; data: ArrayBuffer };

/**
 * What a device keeps, opened by another program while the device's own does not run: with its root key, and with none
 * of its code.
 */
export class DeviceStore implements AsyncDisposable {
  /** All its records, decrypted, as one text. */
  readonly records: string;
  readonly #client: MatrixClient;

  private constructor(records: string, client: MatrixClient) {
    this.records = records;
    this.#client = client;
  }

  static async open(storage: MemoryStorage): Promise<DeviceStore> {
    const place = await storage.peek();
    const rootKey = await place?.rootKey.read();
    if (!place || !rootKey) throw new Error("nothing is stored");
    const material = await crypto.subtle.importKey("raw", rootKey, "HKDF", false, ["deriveBits"]);
    const derive = async (label: string) =>
      new Uint8Array(
        await crypto.subtle.deriveBits(
          {
            name: "HKDF",
            hash: "SHA-256",
            salt: new Uint8Array(32),
            info: new TextEncoder().encode(`org.hearth.${label}`),
          },
          material,
          256,
        ),
      );
    const opened = await readRecords(place.indexedDB, place.databasePrefix, await derive("records"));
    const { value } = opened.find(({ key }) => key === "account") as {
      value: { userId: string; deviceId: string };
    };
    // A store that was rotated keeps the crypto store's key as a record.
    const kept = opened.find(({ key }) => key === "crypto-key") as { value: number[] } | undefined;
    const client = new MatrixClient({
      baseUrl: "http://localhost",
      userId: value.userId,
      deviceId: value.deviceId,
      fetchFn: () => Promise.reject(new TypeError("this program has no network")),
      store: new MemoryStore(),
    });
    await client.initRustCrypto({
      storageKey: kept ? new Uint8Array(kept.value) : await derive("crypto-store"),
      cryptoDatabasePrefix: place.databasePrefix,
    });
    return new DeviceStore(JSON.stringify(opened), client);
  }

  get crypto(): CryptoApi {
    const api = this.#client.getCrypto();
    if (!api) throw new Error("crypto is not initialised");
    return api;
  }

  async sessionIds(): Promise<string[]> {
    return (await this.crypto.exportRoomKeys()).map((key) => key.session_id);
  }

  async canRead(raw: Partial<IEvent>): Promise<boolean> {
    const event = new MatrixEvent(structuredClone(raw));
    await this.#client.decryptEventIfNeeded(event);
    return !event.isDecryptionFailure();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.stopClient();
    await Promise.resolve();
  }
}

async function readRecords(factory: IDBFactory, prefix: string, key: Uint8Array<ArrayBuffer>) {
  const recordsKey = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["decrypt"]);
  const database = await answer(factory.open(`${prefix}::records`));
  const all: { collection: string; key: string; value: unknown }[] = [];
  for (const collection of database.objectStoreNames) {
    const store = database.transaction(collection).objectStore(collection);
    for (const { name, iv, data } of (await answer(store.getAll())) as Row[]) {
      const label = new Uint8Array([...new TextEncoder().encode(`${collection}\0`), ...new Uint8Array(name)]);
      const algorithm = { name: "AES-GCM", iv, additionalData: label };
      const plain = await crypto.subtle.decrypt(algorithm, recordsKey, data);
      all.push({
        collection,
        ...(JSON.parse(new TextDecoder().decode(plain)) as { key: string; value: unknown }),
      });
    }
  }
  database.close();
  return all;
}

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(request.error ?? new Error("the request failed")));
  });
}
