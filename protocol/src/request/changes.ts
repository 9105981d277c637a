import type { RequestChanges, RequestFields } from "./fields.ts";

/** A value sets its field, null empties it, an absent one leaves it. */
export function applyChanges(fields: RequestFields, changes: RequestChanges): RequestFields {
  const next: Record<string, unknown> = { ...fields };
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) delete next[name];
    else if (value !== undefined) next[name] = value;
  }
  return next as RequestFields;
}
