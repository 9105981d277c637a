import {
  RequestFields,
  type LogEntryId,
  type Priority,
  type RequestChanges,
  type RequestFieldName,
  type SetBy,
} from "@hearth/protocol";

/** A request as it stands in the form: everything is there, empty is empty. */
export type RequestForm = {
  readonly description: string;
  readonly types: readonly string[];
  readonly location: string;
  readonly caller_name: string;
  readonly caller_contact: string;
  readonly call_started: number | undefined;
  readonly call_ended: number | undefined;
  readonly priority: Priority | "none";
  readonly tags: readonly string[];
};
type FormField = keyof RequestForm;

export const EMPTY_FORM: RequestForm = {
  description: "",
  types: [],
  location: "",
  caller_name: "",
  caller_contact: "",
  call_started: undefined,
  call_ended: undefined,
  priority: "none",
  tags: [],
};

export function toForm(fields: RequestFields): RequestForm {
  return {
    description: fields.description,
    types: fields.types ?? [],
    location: fields.location ?? "",
    caller_name: fields.caller_name ?? "",
    caller_contact: fields.caller_contact ?? "",
    call_started: fields.call_started,
    call_ended: fields.call_ended,
    priority: fields.priority ?? "none",
    tags: fields.tags ?? [],
  };
}

/** A field's value as the request log has it; undefined where the form is empty. */
function valueOf<Field extends FormField>(form: RequestForm, field: Field): RequestFields[Field] | undefined {
  const value = form[field];
  const text = typeof value === "string" ? value.trim() : value;
  if (text === "" || text === "none" || (Array.isArray(text) && text.length === 0)) return undefined;
  return text as RequestFields[Field];
}

const FIELDS = Object.keys(EMPTY_FORM) as FormField[];

export function toFields(form: RequestForm): RequestFields {
  const entries = FIELDS.flatMap((field) => {
    const value = valueOf(form, field);
    return value === undefined ? [] : [[field, value] as const];
  });
  return { description: "", ...Object.fromEntries(entries) };
}

/**
 * What differs, field by field; null empties one. Undefined if nothing does. Fields that nobody touched are not
 * sent, so that what somebody else changes meanwhile stays.
 */
export function changesBetween(before: RequestForm, after: RequestForm): RequestChanges | undefined {
  const changes: Record<string, unknown> = {};
  for (const field of FIELDS) {
    const [was, is] = [valueOf(before, field), valueOf(after, field)];
    if (JSON.stringify(was) !== JSON.stringify(is)) changes[field] = is ?? null;
  }
  return Object.keys(changes).length === 0 ? undefined : changes;
}

/** An edit under way: what stood there when its writer last looked, what they have typed, and who had set what they saw. */
export type EditDraft = { readonly before: RequestForm; readonly form: RequestForm; readonly seen: SetBy };

/**
 * Brings an edit onto what the request says now. What its writer did not touch is as it is now; where they typed something
 * else than what has come meanwhile, both stand, and they have to choose.
 * @param setBy which entry last set each field, now
 */
export function rebase(
  { before, form, seen }: EditDraft,
  now: RequestForm,
  setBy: SetBy,
): { readonly draft: EditDraft; readonly conflicts: readonly FormField[] } {
  const conflicts: FormField[] = [];
  let draft: EditDraft = { before, form, seen };
  for (const field of FIELDS) {
    const [was, mine, theirs] = [before, form, now].map((each) => JSON.stringify(valueOf(each, field)));
    if (theirs === was) continue;
    if (mine === was || mine === theirs) draft = take(draft, field, now, setBy, "theirs");
    else conflicts.push(field);
  }
  return { draft, conflicts };
}

/** Somebody has seen what came meanwhile, and takes it or stays with what they typed. */
export function take(
  { before, form, seen }: EditDraft,
  field: FormField,
  now: RequestForm,
  setBy: SetBy,
  whose: "mine" | "theirs",
): EditDraft {
  return {
    before: { ...before, [field]: now[field] },
    form: whose === "mine" ? form : { ...form, [field]: now[field] },
    seen: { ...seen, [field]: setBy[field] },
  };
}

/** By each changed field, the entry that its writer saw; null where none had set it. */
export function seenOf(
  changes: RequestChanges,
  seen: SetBy,
): Partial<Record<RequestFieldName, LogEntryId | null>> {
  const fields = Object.keys(changes) as RequestFieldName[];
  return Object.fromEntries(fields.map((field) => [field, seen[field] ?? null]));
}

const TOO_LONG: Partial<Record<RequestFieldName, string>> = {
  description: "This is too long to be sent. Shorten it to 20,000 characters; the rest can go into the chat.",
  location: "This is too long. Shorten it to 1,000 characters.",
  caller_name: "This is too long. Shorten it to 200 characters.",
  caller_contact: "This is too long. Shorten it to 200 characters.",
  types: "Choose at most 20 types.",
  tags: "Choose at most 50 tags.",
};

/** What is wrong, by field, in sentences. */
export function checkForm(form: RequestForm): Partial<Record<FormField, string>> {
  const errors: Partial<Record<FormField, string>> = {};
  if (form.description.trim() === "") errors.description = "Write what happened, if only a few words.";
  const parsed = RequestFields.safeParse(toFields(form));
  for (const issue of parsed.error?.issues ?? []) {
    const field = issue.path[0] as FormField | undefined;
    if (field !== undefined)
      errors[field] ??= TOO_LONG[field] ?? "This can’t be sent as it is. Check it once more.";
  }
  if (form.call_started !== undefined && form.call_ended !== undefined && form.call_ended < form.call_started)
    errors.call_ended = "The call can’t end before it started.";
  return errors;
}
