import type { DeviceId, LocalField, RoomId, UserId } from "@hearth/protocol";
import type { MatrixClient } from "../sdk/names.ts";
import type {
  CommandArg,
  CommandName,
  CommandValue,
  Outcome,
  SessionView,
  Slice,
  Views,
} from "../contract/index.ts";
import type { RosterKeys, RosterRecord } from "./rosterKeys.ts";

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
  /** What kind of place that is: whether the device can forget for sure. */
  readonly storage: SessionView["storage"];
  readonly roomKeys: RoomKeys;
  readonly views: ViewStore;
  /** A JSON request with the session's live token. Throws `HttpFailure`. `path` starts with `/_matrix/client/`. */
  readonly request: <T>(
    method: "GET" | "PUT" | "POST" | "DELETE",
    path: string,
    body?: unknown,
    options?: RequestOptions,
  ) => Promise<T>;
  /** Encrypted files on the server. */
  readonly media: Media;
  readonly keyBackup: BackupRole;
  /** [P7] A sync was answered, whole: the lease begins anew. */
  synced(): void;
  /** What the org's policy says of the lease, in milliseconds. */
  setLease(leaseMs: number): void;
  /** This person's signing key, and what they pinned of the roster. */
  readonly rosterKeys: () => Promise<RosterKeys>;
  /** What they are made of, for one's own devices. */
  readonly rosterRecord: RosterStore;
  /** Aborted when the session locks, signs out or is disposed: stop everything. */
  readonly stopped: AbortSignal;
  now(): number;
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

/** An answer of the homeserver or proxy that is no 2xx (`status`, `errcode`, its sentence), or none (`status` 0). */
export class HttpFailure extends Error {
  readonly status: number;
  readonly errcode: string;
  readonly retryAfterMs: number | undefined;
  constructor(status: number, errcode: string, message: string, retryAfterMs?: number) {
    super(message);
    this.name = "HttpFailure";
    this.status = status;
    this.errcode = errcode;
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * The device's own store of derived data, encrypted with the root key: values are JSON, keys are hashed.
 * `collection` is one of those that the data table has a row for.
 */
export type Collection = LocalField extends infer Field
  ? Field extends `records.${infer Name}`
    ? Name extends `session.${string}`
      ? never
      : Name
    : never
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
  get<S extends Slice>(slice: S): Views[S] | undefined;
  set<S extends Slice>(slice: S, value: Views[S]): void;
  remove(slice: Slice): void;
  /** Replaces those of the slice `session` that are the workspace's. */
  patchSession(
    change: Partial<Pick<SessionView, "displayName" | "permissions" | "isAdmin" | "connection">>,
  ): void;
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
 * The workspace, as the session starts and stops it (`startWorkspace` in workspace/index.ts). Starting
 * resolves when what is stored was published, and does not wait for the server; the phase is `ready` then.
 * `dispose` resolves when nothing of it uses the client or the records any more.
 */
export interface Workspace {
  run<Name extends WorkspaceCommand>(name: Name, arg: CommandArg<Name>): Promise<Outcome<CommandValue<Name>>>;
  /** Whether the server has told it of every room: one that takes its place need not show a list that is still coming. */
  readonly isWhole: boolean;
  dispose(): Promise<void>;
}
