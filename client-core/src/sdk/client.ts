import { announcement, type SigningKey, type UserId } from "@hearth/protocol";
import { MatrixClient, MemoryStore } from "matrix-js-sdk";
import { OnlySignedDevicesIsolationMode } from "matrix-js-sdk/lib/crypto-api/index.js";
import type { CryptoCallbacks } from "matrix-js-sdk/lib/crypto-api/index.js";
import { MatrixError, Method } from "matrix-js-sdk/lib/http-api/index.js";
import { logger as globalLogger } from "matrix-js-sdk/lib/logger.js";
import type { Logger } from "matrix-js-sdk/lib/logger.js";
import type { Log } from "../session/api.ts";
import type { Fetch, MatrixErrorBody } from "../session/server/http.ts";
import { countIdentityChanges } from "./identityChanges.ts";
import { recordConnections } from "./connections.ts";
import { cryptoOf, internalsOf } from "./patches.ts";
import type { SessionStorage } from "../session/storage/storage.ts";

export type SdkOptions = {
  readonly baseUrl: string;
  readonly userId: string;
  readonly deviceId: string;
  /** Sets the Authorization header by itself. */
  readonly fetch: Fetch;
  readonly storage: SessionStorage;
  /** Zeroed by the SDK. */
  readonly cryptoStoreKey: Uint8Array<ArrayBuffer>;
  readonly cryptoCallbacks: CryptoCallbacks;
  /** Whether the SDK may know of key backups on the server. */
  readonly backupGate: { readonly open: boolean };
  readonly log: Log;
};

/** A client with its encrypted crypto store open, not syncing. */
export async function openSdkClient(options: SdkOptions): Promise<MatrixClient> {
  silenceGlobalLogger();
  options.storage.install();
  recordConnections(options.storage.indexedDB);
  const fetchFn = guardKeyBackup(options.fetch, options.backupGate);
  // Not `createClient`: in a browser it adds a legacy crypto store in the origin's own IndexedDB.
  const client = new MatrixClient({
    baseUrl: options.baseUrl,
    userId: options.userId,
    deviceId: options.deviceId,
    // The SDK only sends the header when it believes to have a token; `fetch` puts the real one there.
    accessToken: "held-by-session",
    fetchFn: (input, init) => fetchFn(input instanceof Request ? input.url : input, init),
    store: new MemoryStore(),
    cryptoCallbacks: options.cryptoCallbacks,
    logger: quietLogger(options.log),
    disableVoip: true,
  });
  // Secret storage then says the same whether or not a sync is running, and doesn't wait for one.
  client.setAccountData = (type, content) => client.setAccountDataRaw(type, content);
  client.getAccountDataFromServer = (type) => readAccountData(client, options.userId, type);
  await client.initRustCrypto({
    storageKey: options.cryptoStoreKey,
    cryptoDatabasePrefix: options.storage.databasePrefix,
  });
  expectToStop(client);
  cryptoOf(client).setDeviceIsolationMode(new OnlySignedDevicesIsolationMode());
  countIdentityChanges(client);
  // An own second device could hand back a key that this one has pruned.
  internalsOf(client).olmMachine.roomKeyForwardingEnabled = false;
  return client;
}

/**
 * The SDK sends what is waiting in the background, without a look at what becomes of it, and lets it fail when the client
 * is stopped (seen with matrix-js-sdk 43): nobody has to be told of that as an error that nobody handled.
 */
export function expectToStop(client: MatrixClient): void {
  const { outgoingRequestsManager } = internalsOf(client);
  const send = outgoingRequestsManager.doProcessOutgoingRequests.bind(outgoingRequestsManager);
  outgoingRequestsManager.doProcessOutgoingRequests = () => {
    const sent = send();
    sent.catch(() => undefined);
    return sent;
  };
}

/** Ends the client's loops and what it still asks the server; its crypto store is let go. */
export function closeSdkClient(client: MatrixClient): void {
  client.stopClient();
  client.http.abort();
}

/** Without this a start asks for push rules first, and asks again without pause for as long as that fails. */
export function askForNoPushRules(client: MatrixClient): void {
  client.getPushRules = () => Promise.resolve({ global: {} });
}

/** Sends what the crypto machine has waiting (device keys, queries), which otherwise happens after a sync. */
export async function sendOutgoingRequests(client: MatrixClient): Promise<void> {
  await internalsOf(client).outgoingRequestsManager.doProcessOutgoingRequests();
}

/** Everybody whose devices and identity the crypto machine follows. */
export async function trackedUsers(client: MatrixClient): Promise<string[]> {
  const users = await internalsOf(client).olmMachine.trackedUsers();
  return [...users].map((user) => user.toString());
}

/** Takes the backup's public key from the crypto machine, which would else go on as if there were a backup. */
export async function forgetBackup(client: MatrixClient): Promise<void> {
  const { olmMachine } = internalsOf(client);
  // For it touches every session's row.
  if (!(await olmMachine.isBackupEnabled())) return;
  await cryptoOf(client).checkKeyBackupAndEnable();
  await olmMachine.disableBackup();
}

/** Asks the person's own other devices for the secrets that this one lacks, the backup's key among them. */
export async function askOwnDevicesForSecrets(client: MatrixClient): Promise<void> {
  if (await internalsOf(client).olmMachine.requestMissingSecretsIfNeeded())
    await sendOutgoingRequests(client);
}

/**
 * This device's keys in the form of `POST /keys/upload`, signed anew. The crypto machine uploads them once in its life;
 * a homeserver that forgot the device needs them again.
 */
export async function signedDeviceKeys(
  client: MatrixClient,
  userId: string,
  deviceId: string,
): Promise<Record<string, unknown>> {
  const { olmMachine } = internalsOf(client);
  const { ed25519, curve25519 } = await cryptoOf(client).getOwnDeviceKeys();
  // In the order of canonical JSON, and ASCII throughout: so this text is the one that is signed.
  const unsigned = {
    algorithms: ["m.olm.v1.curve25519-aes-sha2", "m.megolm.v1.aes-sha2"],
    device_id: deviceId,
    keys: { [`curve25519:${deviceId}`]: curve25519, [`ed25519:${deviceId}`]: ed25519 },
    user_id: userId,
  };
  const signatures = await olmMachine.sign(JSON.stringify(unsigned));
  try {
    const all = JSON.parse(signatures.asJSON()) as Record<string, Record<string, string>>;
    const own = all[userId]?.[`ed25519:${deviceId}`];
    if (own === undefined) throw new Error("the crypto machine did not sign with the device key");
    return { ...unsigned, signatures: { [userId]: { [`ed25519:${deviceId}`]: own } } };
  } finally {
    signatures.free();
  }
}

/**
 * This person's word, by their master key, that a signing key is theirs.
 * @returns unpadded base64; undefined when the private half is not on this device
 */
export async function signWithMasterKey(
  client: MatrixClient,
  userId: UserId,
  masterKey: string,
  key: SigningKey,
): Promise<string | undefined> {
  const signatures = await internalsOf(client).olmMachine.sign(announcement(userId, key));
  try {
    const all = JSON.parse(signatures.asJSON()) as Record<string, Record<string, string>>;
    return all[userId]?.[`ed25519:${masterKey}`];
  } finally {
    signatures.free();
  }
}

async function readAccountData<T>(client: MatrixClient, userId: string, type: string): Promise<T | null> {
  try {
    const path = `/user/${encodeURIComponent(userId)}/account_data/${encodeURIComponent(type)}`;
    return await client.http.authedRequest<T>(Method.Get, path);
  } catch (error) {
    if (error instanceof MatrixError && error.errcode === "M_NOT_FOUND") return null;
    throw error;
  }
}

/** What the SDK's error says about more authentication; see `withPassword`. */
export function readUia(error: unknown): { session?: string; errcode?: string; asksForMore: boolean } {
  if (!(error instanceof MatrixError)) return { asksForMore: false };
  const { session, errcode, flows } = error.data as MatrixErrorBody;
  return {
    asksForMore: error.httpStatus === 401 && flows !== undefined,
    ...(session === undefined ? {} : { session }),
    ...(errcode === undefined ? {} : { errcode }),
  };
}

/**
 * Most people have no key backup, and a server must not talk a client into one: as long as the gate is shut, the SDK is
 * told that there is none, whatever the server says.
 */
function guardKeyBackup(doFetch: Fetch, gate: { readonly open: boolean }): Fetch {
  return (url, init) =>
    !gate.open && new URL(url).pathname.includes("/room_keys/")
      ? Promise.resolve(
          new Response(JSON.stringify({ errcode: "M_NOT_FOUND", error: "No key backup" }), {
            status: 404,
            headers: { "Content-Type": "application/json" },
          }),
        )
      : doFetch(url, init);
}

/** Parts of the SDK log past the client's logger, room ids included. Loggers made from this one later are as quiet. */
function silenceGlobalLogger(): void {
  const loglevel = globalLogger as unknown as { methodFactory: object; rebuild(): void };
  if ("theirs" in loglevel.methodFactory) return;
  // What stood there can still be looked at: whether the SDK has changed it.
  loglevel.methodFactory = Object.assign(() => () => {}, { theirs: loglevel.methodFactory });
  loglevel.rebuild();
}

/** Only warnings and errors, and of those only the first argument: the rest can be events. */
function quietLogger(log: Log): Logger {
  const quiet = () => {};
  const say = (level: "warn" | "error") => (message: unknown) =>
    log(level === "error" ? "warn" : "debug", `sdk: ${typeof message === "string" ? message : "error"}`);
  const logger: Logger = {
    trace: quiet,
    debug: quiet,
    info: quiet,
    warn: say("warn"),
    error: say("error"),
    getChild: () => logger,
  };
  return logger;
}
