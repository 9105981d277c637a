import type { DataKind } from "../dataKinds.ts";

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

/** One row of the table of data (SPEC [T1]): whose kind of data it is, where it lies, what makes it go. */
export type DataRow = { readonly kind: DataKind; readonly place: Place; readonly clearedBy: string };

/** What a thing is called where people read of it. */
export type Words = { readonly label: string };
