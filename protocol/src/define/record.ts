import type { z } from "zod";
import type { DataKind } from "../dataKinds.ts";
import type { DataRow, Place, Words } from "./data.ts";
import type { Versioned } from "./versions.ts";

/**
 * What happens to a device at which something that it stores goes. `wipe` stands for all that ends a device's keys without
 * its person: a signed order, a lease that is over, a storage that the policy refuses, too many wrong passphrases.
 * `role lost`: the signed roster says so, not the organisation's state alone.
 */
export const CLEARINGS = ["sign-out", "wipe", "prune", "role lost", "rotation"] as const;
export type Clearing = (typeof CLEARINGS)[number];

/**
 * What becomes of a stored thing then. `destroyed`: key material, overwritten where it lies before anything else goes.
 * `past`: what in it is past the key window goes, the rest stays. `renewed`: written anew in the new place, under the new
 * root key, and gone with the old place.
 */
export type Fate = "kept" | "destroyed" | "deleted" | "past" | "renewed";
export type Fates = Readonly<Record<Clearing, Fate>>;

/** The file of a key, or one that stands in its place. */
export const KEY_MATERIAL: Fates = {
  "sign-out": "destroyed",
  wipe: "destroyed",
  prune: "kept",
  "role lost": "kept",
  rotation: "destroyed",
};
/** Goes with the session's place, and with nothing before. */
export const WITH_THE_SESSION: Fates = {
  "sign-out": "deleted",
  wipe: "deleted",
  prune: "kept",
  "role lost": "kept",
  rotation: "renewed",
};
/** The key window acts on it, which a role that is lost may shorten. */
export const IN_THE_WINDOW: Fates = { ...WITH_THE_SESSION, prune: "past", "role lost": "past" };
/** What only an admin, or whoever may export, has a use for. */
export const OF_THE_ROLE: Fates = { ...WITH_THE_SESSION, "role lost": "deleted" };
/** What stays in the browser when nobody is signed in. */
export const NOBODYS: Fates = {
  "sign-out": "kept",
  wipe: "kept",
  prune: "kept",
  "role lost": "kept",
  rotation: "kept",
};

/** Where among client-core's encrypted records a kind lies: in which collection, under which keys. */
export type RecordPlace = {
  readonly collection: string;
  /** Left out: every key of the collection; `own:*` for those that begin like that. */
  readonly key?: string;
};

export type RecordDefinition<Schema extends z.ZodType> = Versioned<Schema> & {
  readonly family: "record";
  readonly name: string;
  /** Missing for what lies elsewhere than among the encrypted records. */
  readonly stored?: RecordPlace;
  readonly fates: Fates;
  readonly row: DataRow;
  readonly words: Words;
  readonly example: z.input<Schema>;
};

type Given<Name extends string, Schema extends z.ZodType, Stored> = Omit<
  RecordDefinition<Schema>,
  "family" | "row" | "stored" | "fates" | "name"
> & {
  readonly name: Name;
  readonly stored: Stored;
  readonly kind: DataKind;
  readonly clearedBy: Fates;
  /** What else makes it go. */
  readonly ends?: string;
  /** Left out: the database of the encrypted records. */
  readonly place?: Place;
};

/** A kind of thing that a device stores. */
export function defineRecord<
  const Name extends string,
  Schema extends z.ZodType,
  const Stored extends RecordPlace | undefined,
>({
  kind,
  clearedBy,
  ends,
  place = "database in the session's storage bucket",
  stored,
  ...given
}: Given<Name, Schema, Stored>): Omit<RecordDefinition<Schema>, "stored"> & {
  readonly name: Name;
  readonly stored: Stored;
} {
  return {
    ...given,
    family: "record",
    stored,
    fates: clearedBy,
    row: { kind, place, clearedBy: inWords(clearedBy, ends) },
  };
}

/** `sign-out, wipe: deleted; prune: past`, without what leaves it as it is. */
function inWords(fates: Fates, ends: string | undefined): string {
  const by = new Map<Fate, Clearing[]>();
  for (const clearing of CLEARINGS) {
    const fate = fates[clearing];
    if (fate !== "kept") by.set(fate, [...(by.get(fate) ?? []), clearing]);
  }
  const each = [...by].map(([fate, clearings]) => `${clearings.join(", ")}: ${fate}`);
  return [...each, ...(ends === undefined ? [] : [ends])].join("; ");
}
