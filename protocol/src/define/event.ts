import type { z } from "zod";
import type { DataKind } from "../dataKinds.ts";
import type { DataRow, Words } from "./data.ts";
import type { Versioned } from "./versions.ts";

/** What is said of every event type: its name on the wire, whose kind of data it is, its shape, its row in the table. */
export type EventDefinition<Schema extends z.ZodType> = Versioned<Schema> & {
  readonly type: string;
  readonly kind: DataKind;
  readonly row: DataRow;
  readonly words: Words;
  /** A valid content, parsed by a test and printed in documentation. */
  readonly example: z.input<Schema>;
};

/** The content of an event or of a record, as its definition's newest schema gives it. */
export type ContentOf<D> = D extends { readonly schema: infer Schema extends z.ZodType }
  ? z.infer<Schema>
  : never;

/** An event that lies readable in an organisation's own rooms: what the homeserver's module takes of it. */
export type ClearEvent = {
  readonly rooms: readonly ClearRoom[];
  /** `self`: any member; as state only under their own user id. */
  readonly writer: "bot" | "self";
  /** At most this many bytes of canonical JSON. */
  readonly limit: number;
};
export const CLEAR_ROOMS = ["org", "admin", "onboarding"] as const;
export type ClearRoom = (typeof CLEAR_ROOMS)[number];
