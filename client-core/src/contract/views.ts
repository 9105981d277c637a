import type {
  FieldChange,
  HistoryItem,
  RequestCommand,
  Incompleteness,
  Permission,
  Priority,
  RequestFields,
  RequestStatus,
  SetBy,
} from "@hearth/protocol";
import type { AccessView } from "./access.ts";
import type { MemberRow, NewDevices, TeamView } from "./people.ts";

/**
 * Immutable view snapshots, one per slice. Every value is serialisable, holds plain strings, and is replaced as
 * a whole when anything in it changes. Times are milliseconds since 1970.
 */
export type Views = {
  session: SessionView;
  join: JoinView;
  org: OrgView;
  team: TeamView;
  requests: RequestListView;
  outbox: OutboxView;
  devices: DevicesView;
  backup: BackupView;
  invites: InvitesView;
  verification: VerificationView;
  /** For admins only. */
  wipes: WipesView;
  lock: LockView;
  access: AccessView;
  clock: ClockView;
  [room: `room:${string}`]: RoomView;
};
export type Slice = keyof Views & string;

export type SessionView = {
  phase:
    | { kind: "starting" }
    /** Nobody is signed in here. */
    | { kind: "signed_out"; notice?: string; userName?: string }
    /** Another tab of this browser holds the client. */
    | { kind: "other_tab" }
    /** The browser refused storage, or threw it away. `message` says what to do. */
    | { kind: "storage_problem"; message: string }
    /** A dead token: keys are kept, nothing is shown; sign in again as `userId`. */
    | { kind: "locked"; userId: string; message: string }
    /** The clocks leave it open whether the lease has run out: keys are kept, nothing is shown until there is contact. */
    | { kind: "out_of_contact"; message: string }
    /** The server has a half of the root key and was not asked, or has none any more: keys stay, nothing is shown. */
    | { kind: "no_start"; message: string }
    /** The app lock: keys are on the disk under the passphrase alone. `nextTryAt`: nobody may try before. */
    | { kind: "app_locked"; failed: number; nextTryAt?: number; passkey?: PasskeyAsk }
    /** Joining, not yet a member: see the join view. */
    | { kind: "joining" }
    /** Signed in; encryption needs the person: `new` (first set-up), `unlock` (recovery key), `show_key` (saved?). */
    | { kind: "setup"; step: "new" | "unlock" | "show_key"; recoveryKey?: string }
    | { kind: "ready" };
  userId?: string;
  deviceId?: string;
  displayName?: string;
  permissions: Permission[];
  isAdmin: boolean;
  /** Whether the server answers: `waiting` with a sentence when it doesn't. */
  connection: { kind: "connected" } | { kind: "connecting" } | { kind: "waiting"; message: string };
  /** Said to the owner on the devices page when this browser can't forget for sure. */
  storage: "bucket" | "shared" | "memory";
  /** Orders to destroy this device's keys that it did not follow, and why: the newest last. For the devices page. */
  ignoredWipes?: { at: number; why: string }[];
  /** What kinds of things lie stored here that this version can't read. They were kept. For the devices page. */
  unreadableRecords?: string[];
};

/** What a page needs to ask a passkey: which one, and for what (base64url). */
export type PasskeyAsk = { credentialId: string; salt: string };

export type JoinView = {
  step: "idle" | "registering" | "signing_in" | "encryption" | "asking" | "joining" | "done" | "failed";
  message?: string;
  /** Whether `join.resume` could go on from what is stored. */
  canResume: boolean;
};

export type OrgView = {
  orgId?: string;
  name: string;
  /** A sentence: some of it was written by a newer version, and is left out here. */
  incomplete?: string;
  /** `inEveryRequest`: whoever has the role is brought into every request, and reads it. */
  roles: { id: string; name: string; everything: boolean; inEveryRequest: boolean; groups: string[] }[];
  requestTypes: { id: string; category: string; name: string }[];
  tags: { id: string; category: string; name: string }[];
  policy?: {
    name: string;
    key_block: string;
    key_window: string;
    retention: string;
    lease: string;
    invite_expiry: string;
    /** A span, or `off`. */
    lock_idle?: string;
    /** A number of wrong tries, or `off`. */
    lock_wipe_after?: string;
    /** `on` or `off`. */
    online_unlock?: string;
    /** `own` refuses devices that can't forget for sure; `any`. */
    device_storage?: string;
    /** Admins' clients answer asks for the key window by themselves. */
    automatic_access?: boolean;
  };
};

export type RequestRow = {
  /** A room id, or a local id (`local-…`) while the room is still in the outbox. */
  roomId: string;
  displayId: string;
  /** First line of the description; empty with `problem` set when nothing could be read. */
  title: string;
  status: RequestStatus;
  statusLabel: string;
  priority?: Priority;
  location?: string;
  types: string[];
  openedAt: number;
  openedBy?: string;
  lastActivityAt: number;
  closed: boolean;
  mine: boolean;
  unread: number;
  /** Why the row can't say more: not decrypted yet, or incomplete. */
  problem?: string;
  sending: boolean;
};
export type RequestListView = { loaded: boolean; rows: RequestRow[] };

export type DeliveryState =
  | { kind: "sent" }
  | { kind: "queued" }
  | { kind: "sending" }
  | { kind: "failed"; message: string; canRetry: boolean };

export type TimelineItem = {
  /** Event id, or the local id while queued. */
  id: string;
  at: number;
  sender: string;
  senderName: string;
  mine: boolean;
  delivery: DeliveryState;
  body:
    | { kind: "message"; text: string; replyTo?: { id: string; senderName: string; text: string } }
    | {
        kind: "log";
        text: string;
        entry?: HistoryItem["what"];
        /** Of an edit: what it changed, from what to what, as far as that can be read here. */
        changes?: readonly FieldChange[];
      }
    | { kind: "membership"; text: string; change: "invite" | "join" | "leave" }
    /** Somebody has signed in on a device that they have signed: nothing to do, and told where it happened. */
    | { kind: "device"; text: string }
    | { kind: "redacted" }
    /** Could not be decrypted: why, and what can be done. */
    | { kind: "unreadable"; reason: string; advice: string }
    /** From another client, valid encryption, wrong content; or not permitted. Shown, changes nothing. */
    | { kind: "refused"; reason: string };
  /** A shield: something about the sender's device or identity that the reader should know. */
  warning?: string;
};

export type RoomView = {
  roomId: string;
  status: "loading" | "ready" | "not_found";
  request?: {
    displayId: string;
    fields: RequestFields;
    status: RequestStatus;
    statusLabel: string;
    openedBy: string;
    openedAt: number;
    closed?: { by: string; at: number; outcome?: string };
    toldBy?: string;
    /** Who said last that they are on the way or on site, as far as this device has read: the first who said it first. */
    going: { userId: string; name: string; status: "on_the_way" | "on_site" }[];
    incomplete: Incompleteness[];
    /** Which entry last set each field, for an edit to name what its writer has seen. */
    setBy: SetBy;
    /** Somebody wrote here with a newer version, and our origin serves one: to reload helps. */
    newerBuild?: true;
    /** What this person may do here now. */
    may: Readonly<Record<RequestCommand["kind"] | "addPeople", boolean>>;
  };
  people: { userId: string; name: string; membership: "join" | "invite"; identity: MemberRow["identity"] }[];
  /** Members who get no keys now, and why: shown above the composer. */
  withheld: { userId: string; name: string; reason: string }[];
  /** People here with unsigned devices that were not there before, until `member.dismissDevices`. */
  newDevices?: ({ userId: string; name: string } & NewDevices)[];
  timeline: TimelineItem[];
  hasOlder: boolean;
  /**
   * Older messages were here that this device no longer keeps: all from before an instant. `keysRemain`: none is
   * shown, but deleting their keys failed, so that somebody with other tools might read them.
   */
  notKept?: { before: number; keysRemain: boolean };
  firstUnreadId?: string;
  /** The newest event that this view takes in, whether or not the timeline shows it: who sees the end has read up to it. */
  endId?: string;
};

export type WipesView = {
  /** Newest first. */
  orders: {
    target: string;
    userId: string;
    deviceId: string;
    mode: "keys" | "sign_out";
    by: string;
    at: number;
    /** `unanswered`: it was signed out before it said anything; it follows the order when it is next online. */
    state: "waiting" | "acknowledged" | "unanswered";
    /**
     * What the server could not end yet, and tries again: `device`, it is not signed out; `half`, the server's half of its
     * root key is still there (online unlock).
     */
    left?: "device" | "half";
    /** Whether its signer is an admin still: no device follows it otherwise. */
    counts: boolean;
  }[];
  /** Asked for in the admin room, by a line that the server could have written: an admin confirms it, or not. */
  wishes: { userId: string; deviceId?: string; mode: "keys" | "sign_out"; by: string; at: number }[];
};

export type OutboxView = {
  waiting: number;
  failed: number;
  items: { localId: string; roomId: string; what: string; state: DeliveryState }[];
};

export type DevicesView = {
  loaded: boolean;
  devices: {
    deviceId: string;
    name: string;
    lastSeenAt?: number;
    /** When the device that shows this first saw it. */
    firstSeenAt?: number;
    isThis: boolean;
    /** Signed by its owner: gets keys. One that isn't gets nothing. */
    signed: boolean;
  }[];
  hasRecoveryKey: boolean;
};

/** Shown only while this device's clock is ahead of the server's, and not believed. */
export type ClockView = {
  /** In whole minutes' milliseconds. */
  aheadMs: number;
  /** For how long the program has to run until the clock is believed, and what is too old by it is destroyed. */
  believedInMs: number;
};

/** The key backup of admins and exporters. Published once the server has told the role. */
export type BackupView =
  /** This role has none. `unreadableBefore`: this device began then with no older keys; until it is dismissed. */
  | { state: "none"; unreadableBefore?: number }
  /**
   * Off until the recovery key is entered. `missing`: there is no backup yet; `locked`: there is one, which this device
   * can't open; `unsafe`: there is one whose key is not kept under the recovery key.
   */
  | { state: "needs_recovery_key"; reason: "missing" | "locked" | "unsafe" }
  /** Keys are coming from the backup; messages become readable as they do. */
  | { state: "restoring"; restored: number; total: number }
  | { state: "on" };

/** The app lock of this device. */
export type LockView = {
  on: boolean;
  /** After so long without a touch it locks by itself; absent for never. */
  idleMs?: number;
  /** What the team's policy says at most. */
  mostIdleMs?: number;
  hasPasskey: boolean;
  /** The server has a half of the key: Hearth starts only with a network. */
  needsServer: boolean;
};

export type InvitesView = {
  loaded: boolean;
  invites: {
    inviteId: string;
    roles: string[];
    note?: string;
    status: "pending" | "accepted" | "revoked" | "expired";
    createdBy: string;
    createdAt: number;
    expiresAt: number;
    acceptedBy?: string;
  }[];
};

/** Two screens that compare what they know of each other's keys. There is one at a time. */
export type VerificationView = {
  /** Absent in phase `none`. `self`: another device of one's own. */
  other?: { userId: string; name: string; self: boolean; deviceName?: string };
  phase:
    | { kind: "none" }
    /** I asked; nobody has said yes yet. */
    | { kind: "asking" }
    /** They ask. */
    | { kind: "asked" }
    /** Both are there. `qr`: bytes in base64 for them to scan; absent when they can't, or this device lacks keys. */
    | { kind: "choose"; qr?: string; canScan: boolean }
    /** The next step is theirs. `scanned`: I have scanned their code, and it was right. */
    | { kind: "waiting"; scanned?: true }
    /** Seven pictures; `said` once I have said that they are the same. */
    | { kind: "emoji"; emoji: { symbol: string; name: string }[]; said: boolean }
    /** They have scanned my code: does their screen say that it worked? */
    | { kind: "scanned"; said: boolean }
    | { kind: "done" }
    /** It came to nothing: why, and what to do. `alarm` when somebody may be in between. */
    | { kind: "cancelled"; message: string; alarm: boolean };
};
