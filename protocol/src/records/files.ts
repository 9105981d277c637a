import { z } from "zod";
import { KEY_MATERIAL, NOBODYS, WITH_THE_SESSION, defineRecord } from "../define/record.ts";

/** Bytes, or what a library writes: nobody here parses it. */
const Opaque = z.unknown();
const FILE = "file in the session's storage bucket";

/** 32 random bytes, from which every other key of the device is made. */
export const RootKeyFile = defineRecord({
  name: "rootKey",
  stored: undefined,
  kind: "system",
  schema: Opaque,
  example: null,
  words: { label: "Root key" },
  place: FILE,
  clearedBy: KEY_MATERIAL,
});

/** The root key under an app lock, in the place of its own file. */
export const LockFile = defineRecord({
  name: "lock",
  stored: undefined,
  kind: "system",
  schema: Opaque,
  example: null,
  words: { label: "Root key under an app lock" },
  place: FILE,
  clearedBy: KEY_MATERIAL,
});

/**
 * In the clear: wrong tries, what the policy says of them, the lease, and two hashes: under which a wipe of this device is
 * found, and which the roster must have in it that a wipe is judged by. They name nobody.
 */
export const LockNotesFile = defineRecord({
  name: "lock-notes",
  stored: undefined,
  kind: "system",
  schema: Opaque,
  example: null,
  words: { label: "What must be known while the key is locked" },
  place: FILE,
  clearedBy: KEY_MATERIAL,
});

/** Where the server has a half of the root key, under the device's half: the tokens, the lease, by whom it may be wiped. */
export const SealedHeaderFile = defineRecord({
  name: "sealed-header",
  stored: undefined,
  kind: "system",
  schema: Opaque,
  example: null,
  words: { label: "Sealed header" },
  place: FILE,
  clearedBy: KEY_MATERIAL,
});

/** The name of the place that this one stands for since a storage rotation. */
export const ReplacedBucketFile = defineRecord({
  name: "replacedBucket",
  stored: undefined,
  kind: "system",
  schema: Opaque,
  example: null,
  words: { label: "Name of the place that was replaced" },
  place: FILE,
  clearedBy: WITH_THE_SESSION,
});

/** The crypto library's own database: its identity, its sessions, the room keys. */
export const CryptoStore = defineRecord({
  name: "cryptoStore",
  stored: undefined,
  kind: "sensitive",
  schema: Opaque,
  example: null,
  words: { label: "Crypto store" },
  clearedBy: { ...WITH_THE_SESSION, prune: "past", "role lost": "past" },
});

export const ThemeChoice = defineRecord({
  name: "localStorage hearth.theme",
  stored: undefined,
  kind: "org",
  schema: z.enum(["light", "dark"]),
  example: "dark",
  words: { label: "Light or dark" },
  place: "localStorage of the page, in the clear",
  clearedBy: NOBODYS,
  ends: "clearing the browser's data",
});
