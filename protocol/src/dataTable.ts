import { Message } from "./chat.ts";
import type { DataKind } from "./dataKinds.ts";
import { KeyAsk } from "./grant/ask.ts";
import { KeyAnswer, KeyGrant, KeyReceipt } from "./grant/grant.ts";
import { Access } from "./grant/log.ts";
import { Audit, Command, Result } from "./org/command.ts";
import { Duty } from "./org/duty.ts";
import { Invite } from "./org/invite.ts";
import { Lifecycle } from "./org/lifecycle.ts";
import { Member } from "./org/member.ts";
import { Policy } from "./org/policy.ts";
import { Profile } from "./org/profile.ts";
import { Role } from "./org/role.ts";
import { Attributes, RequestTypes, Tags } from "./org/vocabulary.ts";
import { RosterAsk, RosterTell } from "./roster/ownDevices.ts";
import { RosterEvent } from "./roster/statement.ts";
import { Closed } from "./request/events/closed.ts";
import { Edited } from "./request/events/edited.ts";
import { Opened } from "./request/events/opened.ts";
import { Reopened } from "./request/events/reopened.ts";
import { Snapshot } from "./request/events/snapshot.ts";
import { StatusSet } from "./request/events/statusSet.ts";
import { KeyWipe, KeyWiped, Wipe, WipeWish } from "./wipe/events.ts";

/** Every event that this package defines. A test finds one that is missing here. */
export const ALL_EVENTS = [
  Policy,
  Role,
  Member,
  Attributes,
  Tags,
  RequestTypes,
  Invite,
  RosterEvent,
  Wipe,
  WipeWish,
  KeyWipe,
  KeyWiped,
  RosterAsk,
  RosterTell,
  Command,
  Result,
  Audit,
  Profile,
  Duty,
  Lifecycle,
  Opened,
  Edited,
  StatusSet,
  Closed,
  Reopened,
  Snapshot,
  Message,
  Access,
  KeyAsk,
  KeyGrant,
  KeyAnswer,
  KeyReceipt,
] as const;

/**
 * Events of the Matrix specification that Hearth sends as they are. A name in brackets tells apart what stands in
 * another place under the same type.
 */
export const MATRIX_EVENTS = [
  "m.room.create",
  "m.room.encryption",
  "m.room.guest_access",
  "m.room.history_visibility",
  "m.room.join_rules",
  "m.room.member",
  "m.room.power_levels",
  "m.room.retention",
  "m.room.encrypted",
  "m.room.redaction",
  "m.room.message (admin room)",
  "m.room_key (to-device)",
  "m.room_key.withheld (to-device)",
  "m.dummy (to-device)",
  "m.key.verification.* (to-device)",
  "m.secret.request (to-device)",
  "m.cross_signing.master",
  "m.cross_signing.self_signing",
  "m.cross_signing.user_signing",
  "m.secret_storage.default_key",
  "m.secret_storage.key.*",
  "org.hearth.unlock.*",
  "org.hearth.roster_key",
  "org.hearth.place.*",
  "m.file (media of a grant)",
] as const;

/**
 * What a device stores of its own. The `records.…` ones are the collections of client-core's records; of the last,
 * each key.
 */
export const LOCAL_FIELDS = [
  "rootKey",
  "replacedBucket",
  "lock",
  "lock-notes",
  "sealed-header",
  "cryptoStore",
  "records.rooms",
  "records.org",
  "records.outbox",
  "records.reads",
  "records.misc",
  "records.keyBlocks",
  "records.keyAges",
  "records.access",
  "records.session.account",
  "records.session.tokens",
  "records.session.crypto-key",
  "records.session.rotation",
  "records.session.lease",
  "records.session.join",
  "records.session.recovery-key",
  "records.session.roster",
  "records.session.server-half",
  "localStorage hearth.theme",
] as const;

export type EventName = (typeof ALL_EVENTS)[number]["type"] | (typeof MATRIX_EVENTS)[number];
export type LocalField = (typeof LOCAL_FIELDS)[number];

/** Where a thing lies. On a device everything but the root key is encrypted with keys made from the root key. */
export type Place =
  | "state of the org room"
  | "timeline of the org room"
  | "timeline of the org, admin and onboarding rooms"
  | "timeline of the admin room"
  | "state of every room"
  | "state of request rooms, in the clear"
  | "inside the ciphertext of a request room"
  | "inside the ciphertext of a sensitive room"
  | "timeline of sensitive rooms"
  | "encrypted message between two devices"
  | "message between two devices, in the clear"
  | "account data of the person, secrets encrypted with the recovery key"
  | "account data of the person, one entry for a device"
  | "account data of the bot"
  | "file in the session's storage bucket"
  | "database in the session's storage bucket"
  | "localStorage of the page, in the clear"
  | "media store of the server, encrypted";

/** What makes it go. */
export type ClearedBy =
  | "changed by a later command; kept as long as the org"
  | "never: each statement stays as long as the org"
  | "never: a device may come back at any time"
  | "changed by its writer; kept as long as the org"
  | "deletion of its room"
  | "deletion of the onboarding room, or of the org room"
  | "retention on the server; sign-out on the device"
  | "its delivery"
  | "encryption reset, or deletion of the account"
  | "overwritten by the bot"
  | "sign-out or wipe: emptied"
  | "sign-out or storage rotation: overwritten in place, then deleted"
  | "sign-out: deleted with its bucket"
  | "the key window, on devices of all but admins; sign-out"
  | "being sent or discarded; sign-out"
  | "the end of the join; sign-out"
  | "the person's word that it is kept; sign-out"
  | "clearing the browser's data"
  | "the end of the access; sign-out"
  | "its having been read by all devices, or the end of the access";

export type DataRow = { readonly kind: DataKind; readonly place: Place; readonly clearedBy: ClearedBy };

/** A row for each event and each stored field, and for nothing else: one that is missing does not compile. */
export type DataTable = Readonly<Record<EventName | LocalField, DataRow>>;

const orgState: DataRow = {
  kind: "org",
  place: "state of the org room",
  clearedBy: "changed by a later command; kept as long as the org",
};
const ownState: DataRow = { ...orgState, clearedBy: "changed by its writer; kept as long as the org" };
const commandTalk: DataRow = {
  kind: "org",
  place: "timeline of the org, admin and onboarding rooms",
  clearedBy: "deletion of the onboarding room, or of the org room",
};
const logEntry: DataRow = {
  kind: "sensitive",
  place: "inside the ciphertext of a request room",
  clearedBy: "retention on the server; sign-out on the device",
};
const roomState: DataRow = {
  kind: "org",
  place: "state of every room",
  clearedBy: "deletion of its room",
};
const toDevice: DataRow = {
  kind: "sensitive",
  place: "encrypted message between two devices",
  clearedBy: "its delivery",
};
const ownSecret: DataRow = {
  kind: "system",
  place: "account data of the person, secrets encrypted with the recovery key",
  clearedBy: "encryption reset, or deletion of the account",
};
const cache: DataRow = {
  kind: "sensitive",
  place: "database in the session's storage bucket",
  clearedBy: "sign-out: deleted with its bucket",
};

/** For everything that Hearth sends or stores: whose kind of data it is, where it lies, what clears it. */
export const DATA_TABLE = {
  "org.hearth.policy": orgState,
  "org.hearth.role": orgState,
  "org.hearth.member": orgState,
  "org.hearth.attributes": orgState,
  "org.hearth.tags": orgState,
  "org.hearth.request_types": orgState,
  "org.hearth.invite": orgState,
  "org.hearth.roster": { ...orgState, clearedBy: "never: each statement stays as long as the org" },
  // Readable at the web client's origin too, without a token, by whoever knows the device's key.
  "org.hearth.wipe": { ...orgState, clearedBy: "never: a device may come back at any time" },
  "org.hearth.wipe_wish": orgState,
  "org.hearth.key_wipe": { ...toDevice, kind: "system" },
  "org.hearth.key_wiped": { ...toDevice, kind: "system" },
  "org.hearth.roster_ask": { ...toDevice, kind: "system" },
  "org.hearth.roster_tell": { ...toDevice, kind: "system" },
  "org.hearth.command": commandTalk,
  "org.hearth.result": commandTalk,
  "org.hearth.audit": { ...orgState, place: "timeline of the org room", clearedBy: "deletion of its room" },
  "org.hearth.access": orgState,
  "org.hearth.key_ask": toDevice,
  "org.hearth.key_grant": toDevice,
  "org.hearth.key_answer": toDevice,
  "org.hearth.key_receipt": toDevice,
  "m.file (media of a grant)": {
    kind: "sensitive",
    place: "media store of the server, encrypted",
    clearedBy: "its having been read by all devices, or the end of the access",
  },
  "org.hearth.profile": ownState,
  "org.hearth.duty": ownState,
  "org.hearth.lifecycle": {
    kind: "org",
    place: "state of request rooms, in the clear",
    clearedBy: "deletion of its room",
  },
  "org.hearth.request.opened": logEntry,
  "org.hearth.request.edited": logEntry,
  "org.hearth.request.status": logEntry,
  "org.hearth.request.closed": logEntry,
  "org.hearth.request.reopened": logEntry,
  "org.hearth.request.snapshot": logEntry,
  "m.room.message": { ...logEntry, place: "inside the ciphertext of a sensitive room" },

  "m.room.create": roomState,
  "m.room.encryption": roomState,
  "m.room.guest_access": roomState,
  "m.room.history_visibility": roomState,
  "m.room.join_rules": roomState,
  "m.room.member": roomState,
  "m.room.power_levels": roomState,
  "m.room.retention": roomState,
  "m.room.encrypted": { ...logEntry, place: "timeline of sensitive rooms" },
  "m.room.redaction": { ...logEntry, kind: "org", place: "timeline of sensitive rooms" },
  "m.room.message (admin room)": {
    kind: "org",
    place: "timeline of the admin room",
    clearedBy: "deletion of its room",
  },
  "m.room_key (to-device)": toDevice,
  "m.room_key.withheld (to-device)": { ...toDevice, kind: "system" },
  "m.dummy (to-device)": { ...toDevice, kind: "system" },
  // In the clear: ids, public keys, and codes that prove who has them.
  "m.key.verification.* (to-device)": {
    kind: "system",
    place: "message between two devices, in the clear",
    clearedBy: "its delivery",
  },
  "m.secret.request (to-device)": {
    kind: "system",
    place: "message between two devices, in the clear",
    clearedBy: "its delivery",
  },
  "m.cross_signing.master": ownSecret,
  "m.cross_signing.self_signing": ownSecret,
  "m.cross_signing.user_signing": ownSecret,
  "m.secret_storage.default_key": ownSecret,
  "m.secret_storage.key.*": ownSecret,
  // The server's half of one device's root key: a random number, worth nothing without the other half.
  "org.hearth.unlock.*": {
    kind: "system",
    place: "account data of the person, one entry for a device",
    clearedBy: "sign-out or wipe: emptied",
  },
  "org.hearth.roster_key": ownSecret,
  "org.hearth.place.*": {
    kind: "org",
    place: "account data of the bot",
    clearedBy: "overwritten by the bot",
  },

  rootKey: {
    kind: "system",
    place: "file in the session's storage bucket",
    clearedBy: "sign-out or storage rotation: overwritten in place, then deleted",
  },
  replacedBucket: {
    kind: "system",
    place: "file in the session's storage bucket",
    clearedBy: "sign-out: deleted with its bucket",
  },
  // The root key under an app lock, in the place of its own file.
  lock: {
    kind: "system",
    place: "file in the session's storage bucket",
    clearedBy: "sign-out or storage rotation: overwritten in place, then deleted",
  },
  // Where the server has a half of the root key, under the device's half: the tokens, the lease, by whom it may be wiped.
  "sealed-header": {
    kind: "system",
    place: "file in the session's storage bucket",
    clearedBy: "sign-out or storage rotation: overwritten in place, then deleted",
  },
  // In the clear: wrong tries, what the policy says of them, the lease, and two hashes: under which a wipe of this device is
  // found, and which the roster must have in it that a wipe is judged by. They name nobody.
  "lock-notes": {
    kind: "system",
    place: "file in the session's storage bucket",
    clearedBy: "sign-out or storage rotation: overwritten in place, then deleted",
  },
  cryptoStore: cache,
  "records.rooms": cache,
  "records.org": { ...cache, kind: "org" },
  "records.outbox": { ...cache, clearedBy: "being sent or discarded; sign-out" },
  "records.reads": { ...cache, kind: "org" },
  "records.misc": cache,
  "records.keyBlocks": { ...cache, kind: "org" },
  "records.keyAges": { ...cache, kind: "org" },
  "records.access": { ...cache, clearedBy: "the end of the access; sign-out" },
  "records.session.account": { ...cache, kind: "system" },
  "records.session.tokens": { ...cache, kind: "system" },
  "records.session.crypto-key": { ...cache, kind: "system" },
  "records.session.rotation": { ...cache, kind: "system" },
  "records.session.lease": { ...cache, kind: "system" },
  // That the server may have a half of the root key. The half itself is nowhere on the device.
  "records.session.server-half": { ...cache, kind: "system" },
  "records.session.join": { ...cache, kind: "system", clearedBy: "the end of the join; sign-out" },
  "records.session.recovery-key": {
    ...cache,
    kind: "system",
    clearedBy: "the person's word that it is kept; sign-out",
  },
  "records.session.roster": { ...cache, kind: "system" },
  "localStorage hearth.theme": {
    kind: "org",
    place: "localStorage of the page, in the clear",
    clearedBy: "clearing the browser's data",
  },
} as const satisfies DataTable;
