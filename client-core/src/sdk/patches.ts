import type {
  OlmMachine,
  RoomId as WasmRoomId,
  UserId as WasmUserId,
} from "@matrix-org/matrix-sdk-crypto-wasm";
import type { MatrixClient } from "matrix-js-sdk";
import type { CryptoBackend } from "matrix-js-sdk/lib/common-crypto/CryptoBackend.js";
import type { CryptoApi } from "matrix-js-sdk/lib/crypto-api/index.js";

/**
 * Everything that we ask of matrix-js-sdk and its crypto library beyond their public interface, or put in the place of
 * something of theirs. An update of either may take any of it away without a word: patches.test.ts opens a real client
 * and fails when a member is gone or has another shape, and when a file reaches past the interface that is not named here.
 */
export type Patch = {
  /** Called only; called by way of ours, which calls theirs; or ours in its stead. */
  readonly how: "called" | "wrapped" | "replaced";
  /** How many parameters it declares; undefined for a value. */
  readonly arity: number | undefined;
  /** Files below client-core/src. */
  readonly where: readonly string[];
  readonly why: string;
};

type MachineMember =
  | "decryptRoomEvent"
  | "disableBackup"
  | "exportRoomKeys"
  | "getDevice"
  | "getIdentity"
  | "invalidateGroupSession"
  | "isBackupEnabled"
  | "queryKeysForUsers"
  | "requestMissingSecretsIfNeeded"
  | "roomKeyForwardingEnabled"
  | "sign"
  | "trackedUsers"
  | "updateTrackedUsers";

/** What the SDK's crypto has and its `CryptoApi` doesn't say. */
export type CryptoInternals = {
  readonly olmMachine: Pick<OlmMachine, MachineMember>;
  readonly outgoingRequestsManager: { doProcessOutgoingRequests(): Promise<void> };
  readonly outgoingRequestProcessor: { makeOutgoingRequest(request: unknown): Promise<void> };
  readonly keyClaimManager: {
    ensureSessionsForUsers(log: { info(): void }, users: readonly WasmUserId[]): Promise<void>;
  };
  onUserIdentityUpdated(userId: WasmUserId): Promise<void>;
  onRoomKeysUpdated(keys: readonly { readonly roomId: WasmRoomId; readonly sessionId: string }[]): unknown;
};

type BackendMember = "encryptEvent" | "getBackupDecryptor" | "importBackedUpRoomKeys" | "processSyncChanges";

/** What the SDK's own sync and events ask of its crypto: typed by it, and exported for itself only. */
export type Backend = CryptoApi & Pick<CryptoBackend, BackendMember>;

export function cryptoOf(client: MatrixClient): CryptoApi {
  const cryptoApi = client.getCrypto();
  if (!cryptoApi) throw new Error("crypto is not initialised");
  return cryptoApi;
}

export function internalsOf(client: MatrixClient): CryptoInternals {
  return cryptoOf(client) as unknown as CryptoInternals;
}

export function backendOf(client: MatrixClient): Backend {
  return cryptoOf(client) as CryptoBackend;
}

const called = (arity: number | undefined, where: readonly string[], why: string): Patch => ({
  how: "called",
  arity,
  where,
  why,
});
const wrapped = (arity: number, where: string, why: string): Patch => ({
  how: "wrapped",
  arity,
  where: [where],
  why,
});
const replaced = (arity: number, where: string, why: string): Patch => ({
  how: "replaced",
  arity,
  where: [where],
  why,
});

/** By the object that has the member; the types keep the list whole for the crypto and its machine. */
export const PATCHES = {
  client: {
    setAccountData: replaced(
      2,
      "sdk/client.ts",
      "Secret storage then says the same whether or not a sync runs, and doesn't wait for its echo.",
    ),
    getAccountDataFromServer: replaced(
      1,
      "sdk/client.ts",
      "Theirs answers from the sync's store once a sync has begun; ours asks the server each time.",
    ),
    getPushRules: replaced(
      0,
      "sdk/client.ts",
      "A start asks for push rules first, and without pause for as long as that fails. Hearth has none.",
    ),
    cryptoBackend: called(
      undefined,
      ["sdk/machine.ts"],
      "Taken away while the client stops: `stopClient` would end the crypto machine along, which the session goes on with.",
    ),
  },
  http: {
    authedRequest: called(2, ["sdk/client.ts"], "Account data from the server, for which there is no call."),
    abort: called(0, ["sdk/client.ts"], "A stopped client lets its open requests run on."),
  },
  room: {
    getEncryptionTargetMembers: wrapped(
      0,
      "sdk/targets.ts",
      "[P8] The SDK asks a room whom to encrypt to; there is no other place to take people out.",
    ),
  },
  event: {
    attemptDecryption: called(
      1,
      ["sdk/matrixEvent.ts"],
      "Meant for the SDK's own timelines. Our events are in no room of the SDK's, so we ask for it.",
    ),
  },
  crypto: {
    olmMachine: called(
      undefined,
      ["sdk/patches.ts"],
      "The crypto machine itself, for what is under `machine`.",
    ),
    outgoingRequestsManager: called(undefined, ["sdk/client.ts"], "See `outgoingRequestsManager` below."),
    outgoingRequestProcessor: called(undefined, ["sdk/machine.ts"], "See `outgoingRequestProcessor` below."),
    keyClaimManager: called(undefined, ["sdk/toDevice.ts"], "See `keyClaimManager` below."),
    onUserIdentityUpdated: wrapped(
      1,
      "sdk/identityChanges.ts",
      "Counts changes of identities at once; the SDK's event comes after it has looked the new one up.",
    ),
    onRoomKeysUpdated: wrapped(
      1,
      "sdk/roomKeys.ts",
      "Hears of room keys as they arrive: the machine takes one listener, and the SDK is it.",
    ),
    encryptEvent: called(
      2,
      ["outbox/sender.ts"],
      "The outbox sends by itself, so that what leaves is checked and kept first.",
    ),
    getBackupDecryptor: called(
      2,
      ["features/access/backupKeys.ts", "session/backup/backupRestore.ts", "session/backup/keyBackup.ts"],
      "The SDK restores a backup whole or not at all; ours goes on where it was interrupted, and takes single rooms.",
    ),
    importBackedUpRoomKeys: called(
      3,
      ["features/access/backupKeys.ts", "session/backup/backupRestore.ts"],
      "The other half of `getBackupDecryptor`: keys from the backup need not go back into it.",
    ),
    processSyncChanges: called(
      1,
      ["features/verification/earlySync.ts", "features/verification/unknownAskers.ts"],
      "A device in set-up hears others before it syncs rooms; a question from a device just learnt of is put again.",
    ),
  },
  outgoingRequestsManager: {
    doProcessOutgoingRequests: wrapped(
      0,
      "sdk/client.ts",
      "Sends what the machine has waiting now, not after the next sync; a stop that cuts it off is no error.",
    ),
  },
  outgoingRequestProcessor: {
    makeOutgoingRequest: called(2, ["sdk/machine.ts"], "Sends a question that we had the machine make."),
  },
  keyClaimManager: {
    ensureSessionsForUsers: called(2, ["sdk/toDevice.ts"], "The machine takes one claim of keys at a time."),
  },
  machine: {
    decryptRoomEvent: called(
      3,
      ["sdk/roomKeys.ts"],
      "Makes the machine look one key's row up, to find the row.",
    ),
    disableBackup: called(
      0,
      ["sdk/client.ts"],
      "The SDK forgets a backup only by deleting it from the server.",
    ),
    exportRoomKeys: called(
      1,
      ["sdk/megolm.ts", "sdk/roomKeys.ts"],
      "The SDK exports all keys or none: this lists them, or picks the ones that are given.",
    ),
    getDevice: called(
      3,
      ["sdk/toDevice.ts"],
      "What is sent to a device is sealed for the very keys that were checked.",
    ),
    getIdentity: called(
      1,
      ["sdk/machine.ts"],
      "The SDK's own calls keep hold of the identity, and so of the store's database, until garbage is collected.",
    ),
    invalidateGroupSession: called(
      1,
      ["sdk/machine.ts"],
      "`forceDiscardSession` does nothing until the SDK has made its encryptor for the room.",
    ),
    isBackupEnabled: called(
      0,
      ["sdk/client.ts"],
      "`disableBackup` touches every session's row: only when needed.",
    ),
    queryKeysForUsers: called(
      1,
      ["sdk/machine.ts"],
      "Asks the server also about people whom the machine believes to know.",
    ),
    requestMissingSecretsIfNeeded: called(
      0,
      ["sdk/client.ts"],
      "Asks own devices for secrets, which has no call.",
    ),
    roomKeyForwardingEnabled: called(
      undefined,
      ["sdk/client.ts"],
      "Set to false: an own second device could hand back a key that this one has pruned.",
    ),
    sign: called(1, ["sdk/client.ts"], "Signs the device's keys once more, and a person's roster key."),
    trackedUsers: called(0, ["sdk/client.ts"], "Whose identities the machine follows; the SDK doesn't tell."),
    updateTrackedUsers: called(
      1,
      ["sdk/machine.ts"],
      "Follows people before they are seen in a room, and can be waited for.",
    ),
  },
  identity: {
    masterKey: called(
      undefined,
      ["sdk/machine.ts"],
      "The public master key, which the SDK shows for oneself only.",
    ),
    pinCurrentMasterKey: called(
      0,
      ["sdk/machine.ts"],
      "As `getIdentity`: theirs keeps hold of the database.",
    ),
    withdrawVerification: called(
      0,
      ["sdk/machine.ts"],
      "As `getIdentity`: theirs keeps hold of the database.",
    ),
  },
  device: {
    encryptToDeviceEvent: called(
      3,
      ["sdk/toDevice.ts"],
      "`encryptToDeviceMessages` finds devices by their id alone, and keeps hold of the database.",
    ),
    isCrossSignedByOwner: called(0, ["sdk/toDevice.ts"], "Asked of the same handle that is encrypted with."),
  },
  logger: {
    methodFactory: replaced(
      3,
      "sdk/client.ts",
      "Parts of the SDK log past the client's logger, room ids included.",
    ),
    rebuild: called(0, ["sdk/client.ts"], "Makes the replaced `methodFactory` count."),
  },
  indexedDB: {
    open: wrapped(2, "sdk/connections.ts", "Keeps the connections of a library that forgets to close them."),
    get: wrapped(
      1,
      "sdk/roomKeys.ts",
      "Notes which row the machine reads for a key, since it has no call to delete one.",
    ),
  },
} satisfies Record<string, Record<string, Patch>> & {
  readonly crypto: Record<keyof CryptoInternals | BackendMember, Patch>;
  readonly machine: Record<MachineMember, Patch>;
};
