import type { ALL_RECORDS, DeviceId, RoomId, SureTime, UserId } from "@hearth/protocol";
import type { MatrixClient } from "../sdk/names.ts";
import type { CommandArg, CommandName, CommandValue, Outcome, Slice, Views } from "../contract/index.ts";
import type { FromWorkspace } from "./fromWorkspace.ts";
import type { RosterKeys, RosterRecord } from "./rosterKeys.ts";
import type { Clock } from "../work/clock.ts";

/**
 * What the session (signing in, storage, keys, tokens) hands to the workspace (sync, projections, sending) once
 * somebody is signed in. The workspace sees no token, no root key and no database name.
 */
export interface SignedInSession {
  readonly userId: UserId;
  readonly deviceId: DeviceId;
  /** Where `/_matrix` answers: the page's own origin in a browser. */
  readonly baseUrl: string;
  /** Crypto is initialised, isolation mode and key forwarding are set; not started: the workspace starts syncing. */
  readonly client: MatrixClient;
  readonly records: Records;
  readonly roomKeys: RoomKeys;
  readonly views: ViewStore;
  /** A JSON request with the session's live token. Throws `HttpFailure`. `path` starts with `/_matrix/client/`. */
  readonly request: <T>(
    method: "GET" | "PUT" | "POST" | "DELETE",
    path: string,
    body?: unknown,
    options?: RequestOptions,
  ) => Promise<T>;
  /** Which version of the web client our origin serves; undefined when it does not say. Throws `HttpFailure`. */
  readonly servedVersion: () => Promise<string | undefined>;
  /** Encrypted files on the server. */
  readonly media: Media;
  readonly keyBackup: BackupRole;
  /** [P7] A sync was answered, whole: the lease begins anew. */
  synced(): void;
  /** What the session acts by and only the workspace knows. */
  readonly told: Pick<FromWorkspace, "setPolicy" | "setPeople" | "listIsWhole">;
  /** What the slice `session` says of this person and the connection. */
  describe(
    change: Pick<Partial<Views["session"]>, "displayName" | "permissions" | "isAdmin" | "connection">,
  ): void;
  /** Whether what is stored can be forgotten for sure; see `StorageProvider`. */
  readonly storageKind: Views["session"]["storage"];
  /** This person's signing key, and what they pinned of the roster. */
  readonly rosterKeys: () => Promise<RosterKeys>;
  /** What they are made of, for one's own devices. */
  readonly rosterRecord: RosterStore;
  /** Aborted when the session locks, signs out or is disposed: stop everything. */
  readonly stopped: AbortSignal;
  /** The clock of the host: whoever waits does it by this. */
  readonly clock: Clock;
  now(): number;
  /** [P3] By which time what is past is destroyed: a clock that is ahead of the server's is not believed at once. */
  sureTime(): SureTime;
  randomId(): string;
  readonly log: Log;
  /** Rows with key material were deleted: asks for the store to be rotated. */
  readonly afterPrune?: () => void;
}

export interface RosterStore {
  get(): Promise<RosterRecord>;
  /** One change after the other, each on what the last left. */
  update(change: (record: RosterRecord) => RosterRecord): Promise<RosterRecord>;
  /** Called when the session itself changed it: with a new recovery key. */
  onNewKey(listener: () => void): void;
}

/** Whether this person's keys are backed up is a matter of their role, which only the workspace knows. */
export interface BackupRole {
  /**
   * To be told whenever the org's state, as the server has it now, was looked at.
   * @param entitled `unknown` while the roster does not vouch for what the state says: nothing is made then, or deleted
   * @param rooms the encrypted rooms whose keys are wanted, the most wanted first
   */
  roleSays(entitled: boolean | "unknown", rooms: () => readonly string[]): void;
  /** Called when what only that role had a use for was deleted from the records: whoever holds some of it lets go. */
  onRoleLost(listener: () => void): void;
}

/** Files on the server: ciphertext without a name. */
export interface Media {
  /** @returns its `mxc:` address. @throws HttpFailure */
  upload(bytes: Uint8Array<ArrayBuffer>): Promise<string>;
  /** @returns undefined when it is longer than that. @throws HttpFailure */
  download(url: string, mostBytes: number): Promise<Uint8Array<ArrayBuffer> | undefined>;
}

export type RoomKeyRef = { readonly roomId: RoomId; readonly sessionId: string };

/** The room keys (inbound Megolm sessions) that this device holds: which, and the deleting of them. Never the keys. */
export interface RoomKeys {
  list(): Promise<RoomKeyRef[]>;
  /** Tells of each key that comes from now on, by whatever way. @returns what ends that */
  onArrival(listener: (keys: readonly RoomKeyRef[]) => void): () => void;
  /**
   * On the disk when it resolves. Throws `UnknownCryptoStore` when it can't be done safely; then nothing was.
   * @returns how many of them were here
   */
  delete(keys: readonly RoomKeyRef[]): Promise<number>;
  /** Deletes received bundles of old keys; a backup's key goes by the role, with `BackupRole`. @returns how many rows it were */
  clearBesides(): Promise<number>;
}

export type RequestOptions = { readonly signal?: AbortSignal; readonly timeoutMs?: number };

export type Log = (level: "debug" | "info" | "warn" | "error", message: string, detail?: unknown) => void;

export { HttpFailure } from "../work/failure.ts";

/**
 * The device's own store of derived data, encrypted with the root key: values are JSON, keys are hashed.
 * `collection` is one of those that a record is defined for.
 */
export type Collection = Exclude<StoredIn<(typeof ALL_RECORDS)[number]>, "session" | "unreadable">;
type StoredIn<Definition> = Definition extends {
  readonly stored: { readonly collection: infer Name extends string };
}
  ? Name
  : never;
export interface Records {
  get<T>(collection: Collection, key: string): Promise<T | undefined>;
  all<T>(collection: Collection): Promise<{ key: string; value: T }[]>;
  /** One transaction: all of it is written or none. */
  write(changes: readonly RecordChange[]): Promise<void>;
}
export type RecordChange =
  | { readonly collection: Collection; readonly key: string; readonly value: unknown }
  | {
      readonly collection: Collection;
      readonly key: string;
      readonly value?: undefined;
      readonly remove: true;
    };

/**
 * Where view snapshots are published. Of the slice `session` the workspace replaces `displayName`, `permissions`,
 * `isAdmin` and `connection`, and leaves the rest as it is. All other slices but `join`, `devices`, `verification`,
 * `lock` and `backup` are the workspace's; the session removes them when the workspace stops.
 */
export interface ViewStore {
  set<S extends Slice>(slice: S, value: Views[S]): void;
  remove(slice: Slice): void;
}

/** The commands that the session handles by itself; the rest are the workspace's. */
export type SessionCommand = Extract<
  CommandName,
  | `session.${string}`
  | `join.${string}`
  | `encryption.${string}`
  | `devices.${string}`
  | `verification.${string}`
  | `lock.${string}`
  | "password.change"
>;
export type WorkspaceCommand = Exclude<CommandName, SessionCommand>;

/**
 * The workspace, as the session starts and stops it (`startWorkspace(session)` in workspace/index.ts). Starting
 * resolves when what is stored was published, and does not wait for the server; the phase is `ready` then.
 * `dispose` resolves when nothing of it uses the client or the records any more.
 */
export interface Workspace {
  /** Ids of the rooms that are on screens. */
  openRooms(): string[];
  run<Name extends WorkspaceCommand>(name: Name, arg: CommandArg<Name>): Promise<Outcome<CommandValue<Name>>>;
  dispose(): Promise<void>;
}
