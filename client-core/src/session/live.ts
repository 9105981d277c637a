import { DeviceId, UserId, idFromBytes, toMs } from "@hearth/protocol";
import type { MatrixClient } from "../sdk/names.ts";
import type { CryptoCallbacks } from "../sdk/names.ts";
import type { RequestOptions, SignedInSession, ViewStore } from "./api.ts";
import { randomBytes } from "./environment.ts";
import type { Environment } from "./environment.ts";
import { requestJson } from "./server/http.ts";
import type { Method } from "./server/http.ts";
import { KeyBackup } from "./backup/keyBackup.ts";
import type { Lease } from "./lease.ts";
import { mediaOf } from "./server/media.ts";
import { servedVersion } from "./server/servedVersion.ts";
import { StoredRoomKeys } from "../sdk/roomKeys.ts";
import { rosterKeysOf } from "./rosterKeys.ts";
import { closeSdkClient, openSdkClient } from "../sdk/client.ts";
import { cryptoOf } from "../sdk/patches.ts";
import { Tokens } from "./server/tokens.ts";
import type { DeadToken } from "./server/tokens.ts";
import type { People } from "./fromWorkspace.ts";
import type { SessionState } from "./state.ts";
import type { Vault } from "./vault.ts";

/** A signed-in session with its crypto store open. One at a time; whoever opens it closes it. */
export interface LiveSession extends SignedInSession {
  readonly tokens: Tokens;
  readonly keyBackup: KeyBackup;
  readonly people: People;
  /** Own devices' names, as they were last asked for. */
  deviceNames: ReadonlyMap<string, string>;
  /** Tells the workspace that a signing key waits to be put onto the roster. */
  hasNewSigningKey: () => void;
  /** Given out to the SDK while it reads or writes secret storage, and to nobody else. */
  secretStorageKey: { readonly keyId?: string; readonly key: Uint8Array<ArrayBuffer> } | undefined;
  /** Everything that this session has under way ends; its keys leave memory. */
  close(): void;
}

/** @throws when the stored session has no account or tokens: the caller looked before */
export async function openLive(
  environment: Environment,
  vault: Vault,
  state: SessionState,
  views: ViewStore,
  lease: Lease,
  onDead: (reason: DeadToken) => void,
  afterPrune: () => void,
): Promise<LiveSession> {
  const { account } = vault;
  if (!account) throw new Error("there is no stored session to open");
  const stop = new AbortController();
  const shown = untilStopped(views, stop.signal);
  const tokens = await openTokens(environment, vault, onDead);
  const sdkFetch = lease.watch(tokens.fetch);

  const request = <T>(method: Method, path: string, body?: unknown, options: RequestOptions = {}) => {
    const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
    return requestJson<T>({ ...environment, fetch: tokens.fetch }, method, path, body, {
      ...options,
      signal,
    });
  };

  const callbacks: CryptoCallbacks = {
    getSecretStorageKey: ({ keys }) => {
      const backup = live.keyBackup.keyInUse;
      if (backup && backup.keyId in keys) return Promise.resolve([backup.keyId, backup.key]);
      const held = live.secretStorageKey;
      const keyId = held && (held.keyId ?? Object.keys(keys)[0]);
      return Promise.resolve(held && keyId !== undefined && keyId in keys ? [keyId, held.key] : null);
    },
    cacheSecretStorageKey: (keyId, _info, key) => {
      live.secretStorageKey = { keyId, key };
    },
  };

  const backupGate = { open: false };
  const client: MatrixClient = await openSdkClient({
    baseUrl: environment.baseUrl,
    userId: account.userId,
    deviceId: account.deviceId,
    fetch: (url, init) => (stop.signal.aborted ? Promise.reject(stopped()) : sdkFetch(url, init)),
    storage: vault.storage,
    cryptoStoreKey: vault.keys.cryptoStoreKey,
    cryptoCallbacks: callbacks,
    backupGate,
    log: environment.log,
  });
  const { ed25519: deviceKey } = await cryptoOf(client).getOwnDeviceKeys();
  if (!account.cryptoMade || account.deviceKey !== deviceKey)
    await vault.patchAccount({ cryptoMade: true, deviceKey });

  const keyBackup = new KeyBackup({
    client,
    request,
    records: vault.records,
    clear: (clearing) => vault.records.clear(clearing),
    views: shown,
    storage: vault.storage,
    userId: account.userId,
    gate: backupGate,
    stopped: stop.signal,
    clock: environment.clock,
    log: environment.log,
    afterPrune,
  });

  const live: LiveSession = {
    userId: UserId.parse(account.userId),
    deviceId: DeviceId.parse(account.deviceId),
    baseUrl: environment.baseUrl,
    client,
    records: vault.records,
    servedVersion: () => servedVersion(environment, stop.signal),
    media: mediaOf({ ...environment, fetch: tokens.fetch }, stop.signal),
    roomKeys: new StoredRoomKeys(client, vault.storage),
    views: shown,
    request,
    rosterKeys: async () => rosterKeysOf(await vault.ownRoster()),
    rosterRecord: {
      get: () => vault.ownRoster(),
      update: (change) => vault.updateRoster(change),
      onNewKey: (listener) => {
        live.hasNewSigningKey = listener;
      },
    },
    hasNewSigningKey: () => {},
    stopped: stop.signal,
    synced: () => lease.synced(),
    told: {
      get listIsWhole() {
        return state.told.listIsWhole;
      },
      set listIsWhole(whole) {
        if (!stop.signal.aborted) state.told.listIsWhole = whole;
      },
      setPolicy(policy) {
        if (stop.signal.aborted) return;
        lease.setLength(toMs(policy.lease));
        state.told.setPolicy(policy);
      },
      setPeople: (people) => !stop.signal.aborted && state.told.setPeople(people),
    },
    get people() {
      return state.told.people;
    },
    describe: (change) => !stop.signal.aborted && state.describe(change),
    storageKind: vault.storage.kind,
    deviceNames: new Map(),
    clock: environment.clock,
    now: environment.clock.now,
    sureTime: () => lease.sureTime(),
    randomId: () => idFromBytes(randomBytes()),
    log: environment.log,
    afterPrune,
    tokens,
    keyBackup,
    secretStorageKey: undefined,
    close() {
      if (stop.signal.aborted) return;
      stop.abort(stopped());
      live.secretStorageKey = undefined;
      keyBackup.dispose();
      closeSdkClient(client);
    },
  };
  return live;
}

/** @throws when the stored session has no tokens */
export async function openTokens(
  environment: Environment,
  vault: Pick<Vault, "tokens" | "save">,
  onDead: (reason: DeadToken) => void,
): Promise<Tokens> {
  const pair = await vault.tokens();
  if (!pair) throw new Error("the stored session has no tokens");
  return new Tokens(pair, {
    baseUrl: environment.baseUrl,
    fetch: environment.fetch,
    clock: environment.clock,
    log: environment.log,
    persist: (next) => vault.save({ tokens: next }),
    onDead,
  });
}

/** What still ends after that shows nothing any more: the lock page may stand there. */
function untilStopped(views: ViewStore, stop: AbortSignal): ViewStore {
  return {
    set: (slice, value) => {
      if (!stop.aborted) views.set(slice, value);
    },
    remove: (slice) => views.remove(slice),
  };
}

const stopped = () => new DOMException("the session has stopped", "AbortError");
