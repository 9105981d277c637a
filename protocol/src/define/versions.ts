import type { z } from "zod";

/** How content of one version becomes content of the next. */
export type Upcast = {
  /** The version that it takes. */
  readonly from: number;
  /** Content as that version wrote it, parsed by a test for as long as this is read. */
  readonly example: unknown;
  readonly up: (content: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;
};

export type Versioned<Schema extends z.ZodType> = {
  /** The shape of the newest version: the one that is written. */
  readonly schema: Schema;
  /** From version 1 on, one for each version that was written before. Left out: there was none. */
  readonly upcasts?: readonly Upcast[];
};

/** Why content can't be read: it is of a later version than this program knows, or of none that there is. */
export type Unreadable = "newer_version" | "malformed";

export type Read<Content> =
  | { readonly ok: true; readonly content: Content }
  | { readonly ok: false; readonly reason: Unreadable };

/** The version that is written. */
export function versionOf({ upcasts }: Pick<Versioned<z.ZodType>, "upcasts">): number {
  return (upcasts?.length ?? 0) + 1;
}

/**
 * Reads content of any version that was ever written (`v`; without one it is of the first), as the newest one. Total:
 * what can't be read is said to be so, and is for the caller to keep and to show.
 */
export function readContent<Schema extends z.ZodType>(
  { schema, upcasts = [] }: Versioned<Schema>,
  content: unknown,
): Read<z.infer<Schema>> {
  const version = versionIn(content);
  if (version === undefined) return { ok: false, reason: "malformed" };
  if (version > upcasts.length + 1) return { ok: false, reason: "newer_version" };
  try {
    const current = upcasts
      .slice(version - 1)
      .reduce<unknown>((older, { up }) => up(older as Readonly<Record<string, unknown>>), content);
    const parsed = schema.safeParse(current);
    return parsed.success ? { ok: true, content: parsed.data } : { ok: false, reason: "malformed" };
  } catch {
    // An upcast met what its version never wrote, or something that is no JSON.
    return { ok: false, reason: "malformed" };
  }
}

/** @returns undefined for a `v` that no version has */
function versionIn(content: unknown): number | undefined {
  if (typeof content !== "object" || content === null || !("v" in content)) return 1;
  const { v } = content;
  return typeof v === "number" && Number.isInteger(v) && v >= 1 ? v : undefined;
}
