import { base64url } from "@hearth/protocol";
import type { LeaseRecord, OrgId, RosterHash } from "@hearth/protocol";
import { SafeFile } from "./safeFile.ts";
import type { RawFiles } from "./safeFile.ts";
import type { Account } from "../accountRecord.ts";
import type { TokenPair } from "../server/tokens.ts";

/** What a session needs to ask the server for the other half of its root key, and what must be known before it answers. */
export type HeaderValues = {
  readonly account: Account;
  readonly tokens: TokenPair;
  readonly lease?: LeaseRecord;
  /** Tells the server's half from any other number: with a wrong one everything stored would look like nothing. */
  readonly halfDigest: string;
  /** By what a wipe is judged before the rest can be read: the hash commits to the roster, and names nobody. */
  readonly wipe?: { readonly org: OrgId; readonly newest: RosterHash };
};

/** Of a stored session: its small files, and the device's half of its root key. */
type Place = {
  readonly files: RawFiles;
  readonly rootKey: { read(): Promise<Uint8Array<ArrayBuffer> | undefined> };
};

/** SHA-256 in base64url. Of a random number of 32 bytes it gives nothing away. */
export async function digestOf(half: Uint8Array<ArrayBuffer>): Promise<string> {
  return base64url(new Uint8Array(await crypto.subtle.digest("SHA-256", half)));
}

/**
 * Where the root key is divided between this device and the server: the account's names, its tokens and its lease, under
 * a key that comes from the device's half alone. Whoever has the files and the half can act with the tokens, until the
 * device is deleted at the server.
 */
export class SealedHeader {
  readonly #file: SafeFile;
  #key: CryptoKey | undefined;
  #values: HeaderValues;

  private constructor(file: SafeFile, values: HeaderValues, key?: CryptoKey) {
    this.#file = file;
    this.#values = values;
    this.#key = key;
  }

  /** @param place gives the device's half as its root key @returns undefined where the root key is whole */
  static async open(place: Place): Promise<SealedHeader | undefined> {
    const file = new SafeFile(place.files, "sealed-header");
    const bytes = await file.read();
    if (!bytes) return undefined;
    const half = await place.rootKey.read();
    if (!half) return undefined;
    const key = await headerKey(half);
    const plain = await crypto.subtle.decrypt(
      algorithm(bytes.slice(0, IV_BYTES)),
      key,
      bytes.slice(IV_BYTES),
    );
    return new SealedHeader(file, JSON.parse(new TextDecoder().decode(plain)) as HeaderValues, key);
  }

  /** For a place that has no key yet: written with `shut`. */
  static prepare(place: Place, values: HeaderValues): SealedHeader {
    return new SealedHeader(new SafeFile(place.files, "sealed-header"), values);
  }

  get values(): HeaderValues {
    return this.#values;
  }

  /** @param half the device's half, about to be written beside it; zeroed */
  async shut(half: Uint8Array<ArrayBuffer>): Promise<void> {
    this.#key = await headerKey(half);
    await this.#write();
  }

  async save(change: Partial<HeaderValues>): Promise<void> {
    this.#values = { ...this.#values, ...change };
    if (this.#key) await this.#write();
  }

  async #write(): Promise<void> {
    if (!this.#key) return;
    const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
    const plain = new TextEncoder().encode(JSON.stringify(this.#values));
    const sealed = new Uint8Array(await crypto.subtle.encrypt(algorithm(iv), this.#key, plain));
    const bytes = new Uint8Array(IV_BYTES + sealed.length);
    bytes.set(iv);
    bytes.set(sealed, IV_BYTES);
    await this.#file.write(bytes);
  }
}

const IV_BYTES = 12;
const algorithm = (iv: Uint8Array<ArrayBuffer>) => ({
  name: "AES-GCM",
  iv,
  additionalData: new TextEncoder().encode("org.hearth.sealed-header"),
});

async function headerKey(half: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey("raw", half, "HKDF", false, ["deriveKey"]);
  half.fill(0);
  const hkdf = {
    name: "HKDF",
    hash: "SHA-256",
    salt: new Uint8Array(32),
    info: new TextEncoder().encode("org.hearth.sealed-header"),
  };
  return crypto.subtle.deriveKey(hkdf, material, { name: "AES-GCM", length: 256 }, false, [
    "encrypt",
    "decrypt",
  ]);
}
