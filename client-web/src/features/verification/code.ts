import { base64, fromBase64 } from "@hearth/protocol";
import encodeQR from "qr";
import decodeQR from "qr/decode.js";

/** Bytes as they are: the code holds keys, not text. */
const latin1 = {
  encode: (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0)),
  decode: (bytes: Uint8Array) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""),
};

/** Modules around the code that stay white, as scanners want it. */
const BORDER = 4;

/**
 * The code for these bytes, as one path of squares of side 1.
 * @param data base64
 */
export function drawCode(data: string): { path: string; size: number } {
  const bytes = fromBase64(data);
  if (!bytes) throw new Error("what is to be drawn as a code is no base64");
  const rows = encodeQR(latin1.decode(bytes), "raw", {
    ecc: "low",
    encoding: "byte",
    border: BORDER,
    textEncoder: latin1.encode,
  });
  const squares = rows.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])));
  return { path: squares.join(""), size: rows.length };
}

/** The bytes in base64 of the code that is in the picture; undefined when there is none. */
export function readCode(image: {
  width: number;
  height: number;
  data: Uint8ClampedArray;
}): string | undefined {
  try {
    return base64(latin1.encode(decodeQR(image, { textDecoder: latin1.decode })));
  } catch {
    // "Not found", and every other reason why this picture can't be read: the next one may.
    return undefined;
  }
}
