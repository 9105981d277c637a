"use client";

import { useView } from "../../client/port.tsx";
import { PRIORITY_LABELS } from "../../ui/Badge.tsx";
import { Choices } from "../../ui/choices.tsx";
import { DateTimeField } from "../../ui/DateTimeField.tsx";
import { Row, type Errors } from "../../ui/Form.tsx";
import { MultiSelect } from "../../ui/MultiSelect.tsx";
import { TextField } from "../../ui/TextField.tsx";
import type { RequestForm } from "./form.ts";

const PRIORITIES = [
  { value: "critical", label: PRIORITY_LABELS.critical },
  { value: "urgent", label: PRIORITY_LABELS.urgent },
  { value: "non_urgent", label: PRIORITY_LABELS.non_urgent },
  { value: "none", label: "Not decided" },
] as const satisfies readonly { value: RequestForm["priority"]; label: string }[];

/** The fields of a request, the same for a new one and for an edit. */
export function RequestFieldsForm({
  form,
  errors,
  onChange,
  autoFocus = false,
}: {
  form: RequestForm;
  errors: Errors;
  onChange: (form: RequestForm) => void;
  autoFocus?: boolean;
}) {
  const org = useView("org");
  const set =
    <Field extends keyof RequestForm>(field: Field) =>
    (value: RequestForm[Field]) =>
      onChange({ ...form, [field]: value });
  return (
    <>
      <TextField
        label="What happened"
        required
        lines={4}
        value={form.description}
        onChange={set("description")}
        error={errors.description}
        hint="The first line becomes the title."
        autoCapitalize="sentences"
        autoFocus={autoFocus}
      />
      <TextField
        label="Location"
        value={form.location}
        onChange={set("location")}
        error={errors.location}
        hint="As the caller says it."
      />
      <Choices label="Priority" value={form.priority} options={PRIORITIES} onChange={set("priority")} />
      <MultiSelect
        label="Type"
        searchLabel="Search types"
        placeholder="Choose one or more"
        options={org?.requestTypes ?? []}
        value={form.types}
        onChange={set("types")}
      />
      <Row>
        <TextField
          label="Caller’s name"
          value={form.caller_name}
          onChange={set("caller_name")}
          error={errors.caller_name}
        />
        <TextField
          label="How to reach the caller"
          value={form.caller_contact}
          onChange={set("caller_contact")}
          error={errors.caller_contact}
        />
      </Row>
      <Row>
        <DateTimeField
          label="Call started"
          value={form.call_started}
          onChange={set("call_started")}
          error={errors.call_started}
        />
        <DateTimeField
          label="Call ended"
          value={form.call_ended}
          onChange={set("call_ended")}
          error={errors.call_ended}
        />
      </Row>
      <MultiSelect
        label="Tags"
        searchLabel="Search tags"
        placeholder="Choose what fits"
        options={org?.tags ?? []}
        value={form.tags}
        onChange={set("tags")}
      />
    </>
  );
}
