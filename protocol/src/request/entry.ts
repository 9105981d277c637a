import type { z } from "zod";
import { Envelope } from "./envelope.ts";
import { Closed } from "./events/closed.ts";
import { Edited } from "./events/edited.ts";
import { Opened } from "./events/opened.ts";
import { Reopened } from "./events/reopened.ts";
import { Snapshot } from "./events/snapshot.ts";
import { StatusSet } from "./events/statusSet.ts";
import type { Permission } from "../permissions.ts";
import type { LogInput } from "./model.ts";

const PREFIX = "org.hearth.request.";

/** The entries of a request's log, and what each asks of its sender. */
export const LOG_ENTRIES = {
  [Opened.type]: { definition: Opened, permission: "administer_requests" },
  [Edited.type]: { definition: Edited, permission: "edit_request_data" },
  [StatusSet.type]: { definition: StatusSet, permission: "edit_request_data" },
  [Closed.type]: { definition: Closed, permission: "close_requests" },
  [Reopened.type]: { definition: Reopened, permission: "close_requests" },
  [Snapshot.type]: { definition: Snapshot, permission: "edit_request_data" },
} as const satisfies Record<string, { definition: { schema: z.ZodType }; permission: Permission }>;

export type LogType = keyof typeof LOG_ENTRIES;

/** A parsed entry, told apart by its type. */
export type Entry = {
  [Type in LogType]: {
    readonly type: Type;
    readonly content: z.infer<(typeof LOG_ENTRIES)[Type]["definition"]["schema"]>;
  };
}[LogType];

/** Whether events of this type belong to a request's log, those of a future version included. */
export function isRequestLogType(type: string): boolean {
  return type.startsWith(PREFIX);
}

export type ReadEntry =
  | { readonly ok: true; readonly entry: Entry }
  | {
      readonly ok: false;
      readonly reason: "malformed" | "newer_version";
      /** Present when at least the envelope could be read and is the sender's own. */
      readonly envelope: Envelope | undefined;
    };

/** The one door from "some JSON" to an entry. Never throws. */
export function readEntry(input: LogInput): ReadEntry {
  try {
    return parse(input);
  } catch {
    // Only a value that is no JSON (a getter that throws, a cycle) comes here.
    return { ok: false, reason: "malformed", envelope: undefined };
  }
}

function parse(input: LogInput): ReadEntry {
  const envelope = Envelope.safeParse(input.content).data;
  const foreign =
    envelope !== undefined && input.senderDevice !== undefined && envelope.device !== input.senderDevice;
  if (foreign) return { ok: false, reason: "malformed", envelope: undefined };
  if (isNewer(input)) return { ok: false, reason: "newer_version", envelope };
  if (!Object.hasOwn(LOG_ENTRIES, input.type)) return { ok: false, reason: "malformed", envelope };
  const type = input.type as LogType;
  const parsed = LOG_ENTRIES[type].definition.schema.safeParse(input.content);
  if (!parsed.success) return { ok: false, reason: "malformed", envelope };
  return { ok: true, entry: { type, content: parsed.data } as Entry };
}

/** An entry by its type and content alone. */
export function readEntryContent(type: string, content: unknown): Entry | undefined {
  if (!Object.hasOwn(LOG_ENTRIES, type)) return undefined;
  const parsed = LOG_ENTRIES[type as LogType].definition.schema.safeParse(content);
  return parsed.success ? ({ type, content: parsed.data } as Entry) : undefined;
}

/** A higher version of a known entry, or an entry that this version has never heard of. */
function isNewer({ type, content }: LogInput): boolean {
  const v = (content as { v?: unknown } | null | undefined)?.v;
  if (typeof v === "number" && v > 1 && isRequestLogType(type)) return true;
  return isRequestLogType(type) && !Object.hasOwn(LOG_ENTRIES, type) && v === 1;
}
