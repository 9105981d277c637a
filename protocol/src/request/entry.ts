import { isBounded } from "./bounds.ts";
import { AnyEnvelope } from "./envelope.ts";
import type { Envelope } from "./envelope.ts";
import type { LogInput } from "./model.ts";
import { permissionFor, RULES, type EntryRule, type RuleSet } from "./rules.ts";

const PREFIX = "org.hearth.request.";

/** A parsed entry with what it means. */
export type Entry = { readonly rule: EntryRule; readonly content: Envelope };

/** Whether events of this type belong to a request's log, those of a future version included. */
export function isRequestLogType(type: string): boolean {
  return type.startsWith(PREFIX);
}

export type ReadEntry =
  | { readonly ok: true; readonly entry: Entry }
  | {
      readonly ok: false;
      readonly reason: "malformed" | "newer_version";
      /** Present when at least the envelope could be read and is the sender's own. It is the same in all versions. */
      readonly envelope: AnyEnvelope | undefined;
    };

/** The one door from "some JSON" to an entry. Never throws. */
export function readEntry(input: LogInput, rules: RuleSet = RULES): ReadEntry {
  try {
    return parse(input, rules);
  } catch {
    // Only a value that is no JSON (a getter that throws, a cycle) comes here.
    return { ok: false, reason: "malformed", envelope: undefined };
  }
}

function parse(input: LogInput, rules: RuleSet): ReadEntry {
  if (!isBounded(input.content)) return { ok: false, reason: "malformed", envelope: undefined };
  const envelope = AnyEnvelope.safeParse(input.content).data;
  const foreign =
    envelope !== undefined && input.senderDevice !== undefined && envelope.device !== input.senderDevice;
  if (foreign) return { ok: false, reason: "malformed", envelope: undefined };
  if (isNewer(input, rules)) return { ok: false, reason: "newer_version", envelope };
  const entry = readEntryContent(input.type, input.content, rules);
  return entry ? { ok: true, entry } : { ok: false, reason: "malformed", envelope };
}

/** An entry by its type and content alone. */
export function readEntryContent(type: string, content: unknown, rules = RULES): Entry | undefined {
  const v = versionIn(content);
  const rule = rules.entries.find((entry) => entry.type === type && entry.v === v);
  const parsed = rule?.schema.safeParse(content);
  return rule && parsed?.success ? { rule, content: parsed.data } : undefined;
}

/** A higher version of a known entry, or an entry that these rules have never heard of. */
function isNewer({ type, content }: LogInput, rules: RuleSet): boolean {
  const v = versionIn(content);
  if (v === undefined || !isRequestLogType(type)) return false;
  return rules.entries.every((entry) => entry.type !== type || entry.v < v);
}

/**
 * Whether a newer entry is of somebody who may write such. What a type asks that is not known here can't be known: then
 * it is whoever may write any entry.
 */
export function mayBePermitted({ type, senderPermissions }: LogInput, rules: RuleSet): boolean {
  const permission = permissionFor(rules, type);
  if (permission !== undefined) return senderPermissions.has(permission);
  return rules.entries.some((entry) => senderPermissions.has(entry.permission));
}

function versionIn(content: unknown): number | undefined {
  const v = (content as { v?: unknown } | null | undefined)?.v;
  return typeof v === "number" && Number.isSafeInteger(v) && v >= 1 ? v : undefined;
}
