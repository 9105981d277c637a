const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const STANDARD = `${LETTERS}+/`;
const URL_SAFE = `${LETTERS}-_`;

/** Bytes as base64 with padding (RFC 4648 § 4). */
export function base64(bytes: Uint8Array): string {
  const text = unpaddedBase64(bytes);
  return text.padEnd(Math.ceil(text.length / 4) * 4, "=");
}

/** Bytes as base64 without padding, as Matrix writes keys and signatures. */
export function unpaddedBase64(bytes: Uint8Array): string {
  return encode(bytes, STANDARD);
}

/** Bytes as base64url without padding (RFC 4648 § 5). */
export function base64url(bytes: Uint8Array): string {
  return encode(bytes, URL_SAFE);
}

/** Base64 with or without padding. @returns undefined for a text that neither of the two would have written */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  const bare = text.length % 4 === 0 ? text.replace(/={1,2}$/, "") : text;
  return decode(bare, STANDARD);
}

/** The other way round. @returns undefined for a text that `base64url` would not have written */
export function fromBase64url(text: string): Uint8Array<ArrayBuffer> | undefined {
  return decode(text, URL_SAFE);
}

function encode(bytes: Uint8Array, alphabet: string): string {
  let out = "";
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 6) {
      bits -= 6;
      out += alphabet[(held >> bits) & 63];
    }
    held &= (1 << bits) - 1;
  }
  return bits > 0 ? out + alphabet[(held << (6 - bits)) & 63] : out;
}

function decode(text: string, alphabet: string): Uint8Array<ArrayBuffer> | undefined {
  const bytes = new Uint8Array(Math.floor((text.length * 6) / 8));
  let bits = 0;
  let held = 0;
  let at = 0;
  for (const letter of text) {
    const value = alphabet.indexOf(letter);
    if (value < 0) return undefined;
    held = ((held << 6) | value) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at++] = (held >> bits) & 255;
  }
  return encode(bytes, alphabet) === text ? bytes : undefined;
}
