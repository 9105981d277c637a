import { argon2id } from "hash-wasm";

/** How a passphrase was turned into a key; stands in the clear beside what the key wraps. */
export type Stretching = {
  readonly memoryKiB: number;
  readonly passes: number;
  readonly lanes: number;
};

/**
 * Argon2id as RFC 9106, section 4, recommends where memory is short (its second option): 64 MiB, 3 passes, 4 lanes, a
 * salt of 16 bytes, a key of 32. Its first option wants 2 GiB, which a tab of a phone does not get. Kept with each lock,
 * so that other figures later don't shut anybody out.
 */
export const STRETCHING: Stretching = { memoryKiB: 64 * 1024, passes: 3, lanes: 4 };
export const SALT_BYTES = 16;
const KEY_BYTES = 32;

/** What a file may ask of this device: whoever can write files must not be able to make it work for hours. */
export const MOST_STRETCHING: Stretching = { memoryKiB: 1024 * 1024, passes: 16, lanes: 16 };

export const MIN_PASSPHRASE = 12;

/** @returns an AES-GCM key that can't be taken out again */
export async function passphraseKey(
  passphrase: string,
  salt: Uint8Array<ArrayBuffer>,
  { memoryKiB, passes, lanes }: Stretching = STRETCHING,
): Promise<CryptoKey> {
  const key = await argon2id({
    // One person's phone and computer may write the same letters in different ways.
    password: passphrase.normalize("NFC"),
    salt,
    memorySize: memoryKiB,
    iterations: passes,
    parallelism: lanes,
    hashLength: KEY_BYTES,
    outputType: "binary",
  });
  try {
    return await wrappingKey(new Uint8Array(key));
  } finally {
    key.fill(0);
  }
}

/** Zeroes the bytes it is given. */
export async function wrappingKey(bytes: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  try {
    return await crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
  } finally {
    bytes.fill(0);
  }
}
