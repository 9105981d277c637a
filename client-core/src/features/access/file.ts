import { base64url, fromBase64url, type GrantPart } from "@hearth/protocol";

/** An encrypted file, and what opens it. */
export type SealedFile = Pick<GrantPart, "key" | "iv" | "sha256" | "bytes"> & {
  readonly ciphertext: Uint8Array<ArrayBuffer>;
};

/** As the Matrix specification encrypts attachments: AES-256-CTR, eight random bytes and a counter from zero, SHA-256. */
const algorithm = (iv: Uint8Array<ArrayBuffer>) => ({ name: "AES-CTR", counter: iv, length: 64 });

export async function sealFile(plain: Uint8Array<ArrayBuffer>): Promise<SealedFile> {
  const raw = crypto.getRandomValues(new Uint8Array(32));
  const iv = new Uint8Array(16);
  iv.set(crypto.getRandomValues(new Uint8Array(8)));
  const key = await crypto.subtle.importKey("raw", raw, "AES-CTR", false, ["encrypt"]);
  const ciphertext = new Uint8Array(await crypto.subtle.encrypt(algorithm(iv), key, plain));
  const sha256 = base64url(new Uint8Array(await crypto.subtle.digest("SHA-256", ciphertext)));
  const sealed = { ciphertext, key: base64url(raw), iv: base64url(iv), sha256, bytes: ciphertext.length };
  raw.fill(0);
  return sealed;
}

/** @returns undefined unless these are exactly the bytes that the part names: nothing else is decrypted */
export async function openFile(
  ciphertext: Uint8Array<ArrayBuffer>,
  part: Pick<GrantPart, "key" | "iv" | "sha256" | "bytes">,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const [raw, iv] = [fromBase64url(part.key), fromBase64url(part.iv)];
  if (raw?.length !== 32 || iv?.length !== 16 || ciphertext.length !== part.bytes) return undefined;
  const hash = base64url(new Uint8Array(await crypto.subtle.digest("SHA-256", ciphertext)));
  if (hash !== part.sha256) return undefined;
  const key = await crypto.subtle.importKey("raw", raw, "AES-CTR", false, ["decrypt"]);
  return new Uint8Array(await crypto.subtle.decrypt(algorithm(iv), key, ciphertext));
}
