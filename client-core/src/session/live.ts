import { DeviceId, UserId, idFromBytes } from "@hearth/protocol";
import type { MatrixClient } from "matrix-js-sdk";
import type { CryptoCallbacks } from "matrix-js-sdk/lib/crypto-api/index.js";
import type { RequestOptions, SignedInSession, ViewStore } from "./api.ts";
import { randomBytes } from "./environment.ts";
import type { Environment } from "./environment.ts";
import { requestJson } from "./http.ts";
import type { Method } from "./http.ts";
import { rosterKeysOf } from "./rosterKeys.ts";
import { openSdkClient } from "./sdk.ts";
import { Tokens } from "./tokens.ts";
import type { DeadToken } from "./tokens.ts";
import type { Vault } from "./vault.ts";

/** A signed-in session with its crypto store open. One at a time; whoever opens it closes it. */
export interface LiveSession extends SignedInSession {
  readonly tokens: Tokens;
  /** Given out to the SDK while it reads or writes secret storage, and to nobody else. */
  secretStorageKey: { readonly keyId?: string; readonly key: Uint8Array<ArrayBuffer> } | undefined;
  /** Everything that this session has under way ends; its keys leave memory. */
  close(): void;
}

/** @throws when the stored session has no account or tokens: the caller looked before */
export async function openLive(
  environment: Environment,
  vault: Vault,
  views: ViewStore,
  onDead: (reason: DeadToken) => void,
): Promise<LiveSession> {
  const { account } = vault;
  const pair = await vault.tokens();
  if (!account || !pair) throw new Error("there is no stored session to open");
  const stop = new AbortController();
  const tokens = new Tokens(pair, {
    baseUrl: environment.baseUrl,
    fetch: environment.fetch,
    now: environment.now,
    log: environment.log,
    persist: (next) => vault.save({ tokens: next }),
    onDead,
  });

  const request = <T>(method: Method, path: string, body?: unknown, options: RequestOptions = {}) => {
    const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
    return requestJson<T>(tokens.fetch, environment.baseUrl, method, path, body, { ...options, signal });
  };

  const callbacks: CryptoCallbacks = {
    getSecretStorageKey: ({ keys }) => {
      const held = live.secretStorageKey;
      const keyId = held && (held.keyId ?? Object.keys(keys)[0]);
      return Promise.resolve(held && keyId !== undefined && keyId in keys ? [keyId, held.key] : null);
    },
    cacheSecretStorageKey: (keyId, _info, key) => {
      live.secretStorageKey = { keyId, key };
    },
  };

  const client: MatrixClient = await openSdkClient({
    baseUrl: environment.baseUrl,
    userId: account.userId,
    deviceId: account.deviceId,
    fetch: (url, init) => (stop.signal.aborted ? Promise.reject(stopped()) : tokens.fetch(url, init)),
    storage: vault.storage,
    cryptoStoreKey: vault.keys.cryptoStoreKey,
    cryptoCallbacks: callbacks,
    log: environment.log,
  });
  if (!account.cryptoMade) await vault.patchAccount({ cryptoMade: true });

  const live: LiveSession = {
    userId: UserId.parse(account.userId),
    deviceId: DeviceId.parse(account.deviceId),
    baseUrl: environment.baseUrl,
    client,
    records: vault.records,
    views,
    request,
    rosterKeys: async () => rosterKeysOf(await vault.ownRoster()),
    stopped: stop.signal,
    now: environment.now,
    randomId: () => idFromBytes(randomBytes()),
    log: environment.log,
    tokens,
    secretStorageKey: undefined,
    close() {
      if (stop.signal.aborted) return;
      stop.abort(stopped());
      live.secretStorageKey = undefined;
      client.stopClient();
      client.http.abort();
    },
  };
  return live;
}

const stopped = () => new DOMException("the session has stopped", "AbortError");
