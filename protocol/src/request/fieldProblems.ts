import { bytesOf, MAX_FIELDS_BYTES } from "./bytes.ts";
import type { RequestFieldName, RequestFields } from "./fields.ts";
import { invalid, type Refused } from "./refusal.ts";

/** A call can't have been in the future; clocks may differ by a little, and time zones be mistaken. */
const FUTURE_TOLERANCE_MS = 86_400_000;

const FIELD_LABELS: Record<RequestFieldName, string> = {
  description: "description",
  types: "list of types",
  location: "location",
  pin: "pin on the map",
  caller_name: "caller's name",
  caller_contact: "caller's contact",
  call_started: "start of the call",
  call_ended: "end of the call",
  priority: "priority",
  tags: "list of tags",
};

/** Why a request can't say this, each field being valid by itself. */
export function problemOf(fields: RequestFields, now: number): Refused | undefined {
  const { call_started: started, call_ended: ended } = fields;
  if (Math.max(started ?? 0, ended ?? 0) > now + FUTURE_TOLERANCE_MS)
    return invalid("The time of the call lies in the future. Check the date.");
  if (started !== undefined && ended !== undefined && ended < started)
    return invalid("The call ends before it starts. Check both times.");
  if (bytesOf(fields) > MAX_FIELDS_BYTES)
    return invalid(
      "This is too long to be sent encrypted. Shorten the description; details can go into the request's chat.",
    );
  return undefined;
}

/** What is said of a field that its schema refuses: `path` names it. */
export function invalidField(path: PropertyKey | undefined, fields: unknown): Refused {
  const name = path as RequestFieldName | undefined;
  const value = name === undefined ? undefined : (fields as Partial<RequestFields> | undefined)?.[name];
  if (name === "description")
    return invalid(
      typeof value === "string" && value.trim() !== ""
        ? "The description is too long: at most 20,000 characters. Put the rest into the chat."
        : "Say in the description what is needed: it can't be empty.",
    );
  const label = name !== undefined && Object.hasOwn(FIELD_LABELS, name) ? FIELD_LABELS[name] : "input";
  const tooLong = typeof value === "string" || Array.isArray(value);
  return invalid(
    tooLong
      ? `The ${label} is too long or not valid. Shorten or correct it.`
      : `The ${label} is not valid. Correct it.`,
  );
}
