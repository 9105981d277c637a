"use client";

import type { OrgView } from "@hearth/client-core/contract.ts";
import { PolicyContent } from "@hearth/protocol";
import { useState } from "react";
import { useCommand } from "../../client/useCommand.ts";
import { Button } from "../../ui/Button.tsx";
import { Form, type Errors } from "../../ui/Form.tsx";
import { Checkbox } from "../../ui/choices.tsx";
import { Select } from "../../ui/Select.tsx";
import { TextField } from "../../ui/TextField.tsx";
import { say } from "../../ui/Toasts.tsx";
import styles from "./Settings.module.css";
import { fromSpan, toSpan, unitWord, type Span, type Unit } from "./span.ts";

type Policy = NonNullable<OrgView["policy"]>;
type SpanField = Exclude<
  keyof Policy,
  "name" | "automatic_access" | "online_unlock" | "device_storage" | `lock_${string}`
>;

const SPANS: readonly { field: SpanField; label: string; hint: string }[] = [
  {
    field: "retention",
    label: "Keep requests and messages",
    hint: "After this the server hides and deletes them. Holds for requests opened from now on.",
  },
  {
    field: "invite_expiry",
    label: "Invite links work for",
    hint: "Unless another time is chosen when the invite is made.",
  },
  {
    field: "key_window",
    label: "Responders can look back",
    hint: "Older messages become unreadable on the devices of everybody who is no admin.",
  },
  {
    field: "key_block",
    label: "Change encryption keys every",
    hint: "What was written under one key is forgotten all at once.",
  },
  {
    field: "lease",
    label: "A device without contact forgets after",
    hint: "It destroys its keys before it shows anything. Its person then signs in again.",
  },
];
const UNITS: readonly Unit[] = ["days", "hours", "minutes", "seconds"];

/** What the org has decided. Only what changed is sent. */
export function PolicyForm({ policy }: { policy: Policy }) {
  const save = useCommand("policy.set");
  const [changed, setChanged] = useState<
    { name?: string; automatic_access?: boolean } & Partial<Record<SpanField, Span>>
  >({});
  const [errors, setErrors] = useState<Errors<keyof Policy>>({});
  const name = changed.name ?? policy.name;
  const spanOf = (field: SpanField) => changed[field] ?? toSpan(policy[field]);

  const submit = async () => {
    const found: Errors<keyof Policy> = {};
    const wanted: Partial<Policy> = {};
    if (name.trim() !== policy.name) wanted.name = name.trim();
    if (changed.automatic_access !== undefined && changed.automatic_access !== policy.automatic_access)
      wanted.automatic_access = changed.automatic_access;
    for (const { field } of SPANS) {
      const span = changed[field];
      if (!span) continue;
      const iso = fromSpan(span);
      if (iso === undefined) found[field] = "A whole number above zero.";
      else if (iso !== policy[field]) wanted[field] = iso;
    }
    const parsed = PolicyContent.safeParse({ v: 1, ...policy, ...wanted });
    for (const issue of parsed.error?.issues ?? [])
      found[issue.path[0] as keyof Policy] ??= words(issue.path[0]);
    setErrors(found);
    if (Object.keys(found).length > 0) return;
    if (Object.keys(wanted).length > 0) {
      const outcome = await save.run(wanted);
      if (!outcome.ok) return;
    }
    setChanged({});
    say("The settings of the organisation are saved.");
  };

  return (
    <Form
      label="Organisation"
      onSubmit={() => void submit()}
      errors={errors}
      failure={save.failure?.message}
      actions={
        <Button type="submit" kind="primary" busy={save.busy}>
          Save
        </Button>
      }
    >
      <TextField
        label="Name of the organisation"
        value={name}
        onChange={(value) => setChanged({ ...changed, name: value })}
        error={errors.name}
      />
      {SPANS.map(({ field, label, hint }) => (
        <div key={field} className={styles.policy} role="group" aria-labelledby={`policy-${field}`}>
          <p id={`policy-${field}`} className={styles.policyName}>
            {label}
          </p>
          <div className={styles.span}>
            <TextField
              label={`${label}: how many`}
              labelHidden
              value={spanOf(field).count}
              onChange={(count) => setChanged({ ...changed, [field]: { ...spanOf(field), count } })}
              error={errors[field]}
            />
            <Select
              label={`${label}: unit`}
              labelHidden
              value={spanOf(field).unit}
              options={UNITS.map((unit) => ({ value: unit, label: unitWord(spanOf(field).count, unit) }))}
              onChange={(unit) => setChanged({ ...changed, [field]: { ...spanOf(field), unit } })}
            />
          </div>
          <p className={styles.policyHint}>{hint}</p>
        </div>
      ))}
      <Checkbox
        checked={changed.automatic_access ?? policy.automatic_access ?? false}
        onChange={(on) => setChanged({ ...changed, automatic_access: on })}
        hint="Only for messages that responders may look back at anyway. Each admin then switches it on for a device of theirs, on the Access page. Older messages always take a person."
      >
        Admins’ devices may answer requests for recent messages by themselves
      </Checkbox>
    </Form>
  );
}

function words(field: PropertyKey | undefined): string {
  if (field === "name") return "A name of 1 to 100 characters.";
  if (field === "key_block") return "Not longer than responders can look back.";
  if (field === "key_window") return "Must be shorter than the time that requests are kept.";
  return "Ten years or less.";
}
