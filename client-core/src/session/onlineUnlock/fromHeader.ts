import { HttpFailure } from "../api.ts";
import type { Environment } from "../environment.ts";
import { isUnreachable } from "../../work/failure.ts";
import { requestJson } from "../server/http.ts";
import { openTokens } from "../live.ts";
import { lockMessage } from "../server/lockMessage.ts";
import { digestOf } from "../storage/sealedHeader.ts";
import type { SealedHeader } from "../storage/sealedHeader.ts";
import type { DeadToken } from "../server/tokens.ts";
import type { Account, Vault, VaultChanges } from "../vault.ts";
import { fetchHalf } from "./serverHalf.ts";

const NO_NETWORK =
  "Your team’s devices open only with the server’s help, and the server can’t be reached. Your keys stay on this device, and nothing is shown. Connect to the network, and Hearth goes on by itself.";
const HALF_GONE =
  "The server has no key for this device any more: an admin may have wiped it. What is stored here can’t be opened. Ask an admin; or sign out of this device, and sign in again with your password and your recovery key.";

/** What of a session can be read and written before its root key is whole. */
export type HeaderVault = Pick<Vault, "tokens" | "patchAccount" | "lease"> & {
  readonly account: Account;
  readonly halfDigest: string;
  save(changes: VaultChanges): Promise<void>;
};

export function fromHeader(header: SealedHeader): HeaderVault {
  const save = async ({ account, tokens, lease }: VaultChanges) =>
    header.save({
      ...(account ? { account } : {}),
      ...(tokens ? { tokens } : {}),
      ...(lease ? { lease } : {}),
    });
  return {
    get account() {
      return header.values.account;
    },
    halfDigest: header.values.halfDigest,
    tokens: () => Promise.resolve(header.values.tokens),
    lease: () => Promise.resolve(header.values.lease),
    save,
    patchAccount: (change) => save({ account: { ...header.values.account, ...change } }),
  };
}

/** @returns the server's half; or a sentence why not. A dead token is noted as a lock. */
export async function askWithHeader(
  environment: Environment,
  header: HeaderVault,
  signal: AbortSignal,
): Promise<{ half: Uint8Array<ArrayBuffer> } | string> {
  let dead: DeadToken | undefined;
  const tokens = await openTokens(environment, header, (reason) => (dead = reason));
  const request = <T>(method: "GET" | "PUT", path: string, body?: unknown) =>
    requestJson<T>({ ...environment, fetch: tokens.fetch }, method, path, body, { signal });
  try {
    const half = await fetchHalf(request, header.account);
    return half && (await digestOf(half)) === header.halfDigest ? { half } : HALF_GONE;
  } catch (error) {
    signal.throwIfAborted();
    if (dead) {
      const locked = lockMessage(dead);
      await header.patchAccount({ locked });
      return locked;
    }
    if (!(error instanceof HttpFailure && isUnreachable(error)))
      environment.log("warn", "the server did not give its half of the key", error);
    return NO_NETWORK;
  }
}
