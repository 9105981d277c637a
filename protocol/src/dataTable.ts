import { ALL_EVENTS, ALL_RECORDS } from "./catalogue.ts";
import type { DataRow } from "./define/data.ts";

const roomState: DataRow = {
  kind: "org",
  place: "state of every room",
  clearedBy: "deletion of its room",
};
const inRoom: DataRow = {
  kind: "sensitive",
  place: "timeline of sensitive rooms",
  clearedBy: "retention on the server; sign-out on the device",
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

/**
 * What Hearth sends that is not defined here: events of the Matrix specification as they are, and account data. A name in
 * brackets tells apart what stands in another place under the same type.
 */
export const MATRIX_ROWS = {
  "m.room.create": roomState,
  "m.room.encryption": roomState,
  "m.room.guest_access": roomState,
  "m.room.history_visibility": roomState,
  "m.room.join_rules": roomState,
  "m.room.member": roomState,
  "m.room.power_levels": roomState,
  "m.room.retention": roomState,
  "m.room.encrypted": inRoom,
  "m.room.redaction": { ...inRoom, kind: "org" },
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
  "m.file (media of a grant)": {
    kind: "sensitive",
    place: "media store of the server, encrypted",
    clearedBy: "its having been read by all devices, or the end of the access",
  },
} as const satisfies Readonly<Record<string, DataRow>>;

/** Every event and every account data that Hearth sends, defined here or by Matrix. */
export type EventName = (typeof ALL_EVENTS)[number]["type"] | keyof typeof MATRIX_ROWS;
/** Every kind of thing that a device stores. */
export type LocalField = (typeof ALL_RECORDS)[number]["name"];

/** A row for each event and each stored field, and for nothing else. */
export type DataTable = Readonly<Record<EventName | LocalField, DataRow>>;

/**
 * For everything that Hearth sends or stores: whose kind of data it is, where it lies, what clears it (SPEC [T1]). Made
 * from the definitions, so that nothing is defined without it.
 */
export const DATA_TABLE = {
  ...Object.fromEntries(ALL_EVENTS.map(({ type, row }) => [type, row])),
  ...MATRIX_ROWS,
  ...Object.fromEntries(ALL_RECORDS.map(({ name, row }) => [name, row])),
} as DataTable;
