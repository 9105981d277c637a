import type { PasskeyAsk } from "@hearth/client-core/contract.ts";
import { base64url, fromBase64url } from "@hearth/protocol";

export type PasskeySecret = PasskeyAsk & { readonly prf: string };

/** What went wrong with a passkey, in words for the person. */
export class PasskeyProblem extends Error {}

const CANCELLED = "The passkey was not used. Try again, or use the passphrase.";
const NO_PRF =
  "This passkey, or this browser, can’t give Hearth a key (it lacks an extension called “prf”). Use the passphrase; nothing was changed.";
const TIMEOUT_MS = 120_000;

/** Whether this browser knows passkeys at all; whether one can give a key shows only when it is asked. */
export function hasPasskeys(): boolean {
  return typeof PublicKeyCredential === "function" && window.isSecureContext;
}

/**
 * Makes a passkey for the app lock of this device and asks it for a key. The server has no part in it: nothing is signed
 * in with it, so what it signs is thrown away.
 * @throws PasskeyProblem
 */
export async function makePasskey(userId: string): Promise<PasskeySecret> {
  const salt = random(32);
  const made = await asked(() =>
    navigator.credentials.create({
      publicKey: {
        rp: { name: "Hearth" },
        // The passkey is this device's, not the account's: a random name, so that no two take each other's place.
        user: { id: random(16), name: `Hearth app lock (${userId})`, displayName: "Hearth app lock" },
        challenge: random(32),
        pubKeyCredParams: [
          { type: "public-key", alg: -8 },
          { type: "public-key", alg: -7 },
          { type: "public-key", alg: -257 },
        ],
        authenticatorSelection: { residentKey: "discouraged", userVerification: "required" },
        timeout: TIMEOUT_MS,
        extensions: { prf: { eval: { first: salt } } },
      },
    }),
  );
  const results = made.getClientExtensionResults().prf;
  if (results?.enabled !== true) throw new PasskeyProblem(NO_PRF);
  const ask = { credentialId: base64url(new Uint8Array(made.rawId)), salt: base64url(salt) };
  const first = results.results?.first;
  // Many give it only when they are asked once more.
  return first ? { ...ask, prf: textOf(first) } : askPasskey(ask);
}

/** @throws PasskeyProblem */
export async function askPasskey(ask: PasskeyAsk): Promise<PasskeySecret> {
  const id = fromBase64url(ask.credentialId);
  const salt = fromBase64url(ask.salt);
  if (!id || !salt) throw new PasskeyProblem(NO_PRF);
  const given = await asked(() =>
    navigator.credentials.get({
      publicKey: {
        challenge: random(32),
        allowCredentials: [{ type: "public-key", id }],
        userVerification: "required",
        timeout: TIMEOUT_MS,
        extensions: { prf: { eval: { first: salt } } },
      },
    }),
  );
  const first = given.getClientExtensionResults().prf?.results?.first;
  if (!first) throw new PasskeyProblem(NO_PRF);
  return { ...ask, prf: textOf(first) };
}

async function asked(work: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  let answer: Credential | null;
  try {
    answer = await work();
  } catch {
    throw new PasskeyProblem(CANCELLED);
  }
  if (!(answer instanceof PublicKeyCredential)) throw new PasskeyProblem(CANCELLED);
  return answer;
}

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));

function textOf(source: BufferSource): string {
  return base64url(
    source instanceof ArrayBuffer
      ? new Uint8Array(source)
      : new Uint8Array(source.buffer, source.byteOffset, source.byteLength),
  );
}
