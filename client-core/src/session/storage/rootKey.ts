import { ROOT_KEY_BYTES } from "./storage.ts";

/** What the root key is turned into. Each use has a key of its own, so that one that leaks opens nothing else. */
export type SessionKeys = {
  /** For `initRustCrypto({ storageKey })`, which zeroes the array. */
  readonly cryptoStoreKey: Uint8Array<ArrayBuffer>;
  /** AES-GCM, for the values of records. */
  readonly recordsKey: CryptoKey;
  /** HMAC-SHA-256, for the names of records. */
  readonly recordNameKey: CryptoKey;
};

export function newRootKey(): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(ROOT_KEY_BYTES));
}

/** HKDF-SHA-256 with one label per use. Zeroes the root key it is given. */
export async function deriveKeys(rootKey: Uint8Array<ArrayBuffer>): Promise<SessionKeys> {
  const material = await crypto.subtle.importKey("raw", rootKey, "HKDF", false, ["deriveBits", "deriveKey"]);
  rootKey.fill(0);
  const hkdf = (label: string) => ({
    name: "HKDF",
    hash: "SHA-256",
    salt: new Uint8Array(32),
    info: new TextEncoder().encode(`org.hearth.${label}`),
  });
  const [cryptoStoreKey, recordsKey, recordNameKey] = await Promise.all([
    crypto.subtle.deriveBits(hkdf("crypto-store"), material, 256),
    crypto.subtle.deriveKey(hkdf("records"), material, { name: "AES-GCM", length: 256 }, false, [
      "encrypt",
      "decrypt",
    ]),
    crypto.subtle.deriveKey(
      hkdf("record-names"),
      material,
      { name: "HMAC", hash: "SHA-256", length: 256 },
      false,
      ["sign"],
    ),
  ]);
  return { cryptoStoreKey: new Uint8Array(cryptoStoreKey), recordsKey, recordNameKey };
}
