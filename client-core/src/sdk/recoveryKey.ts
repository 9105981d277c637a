import { decodeRecoveryKey, encodeRecoveryKey } from "matrix-js-sdk/lib/crypto-api/index.js";
import { randomBytes } from "../session/environment.ts";

/** A recovery key as bytes and as people see it, in groups of four characters. */
export type RecoveryKey = { readonly bytes: Uint8Array<ArrayBuffer>; readonly encoded: string };

/** What was typed is no recovery key: a character is wrong, missing or too many. */
export class InvalidRecoveryKey extends Error {}

export function newRecoveryKey(): RecoveryKey {
  return fromBytes(randomBytes(32));
}

/** With or without blanks. @throws InvalidRecoveryKey */
export function readRecoveryKey(typed: string): RecoveryKey {
  let bytes: Uint8Array;
  try {
    bytes = decodeRecoveryKey(typed.replaceAll(/[\s\u00a0-]/g, ""));
  } catch (cause) {
    throw new InvalidRecoveryKey("not a recovery key", { cause });
  }
  return fromBytes(new Uint8Array(bytes));
}

function fromBytes(bytes: Uint8Array<ArrayBuffer>): RecoveryKey {
  const encoded = encodeRecoveryKey(bytes);
  if (encoded === undefined) throw new Error("a recovery key could not be written out");
  return { bytes, encoded };
}
