"use client";

import type { OrgView } from "@hearth/client-core/contract.ts";
import { lossesOf, POLICY, PolicyContent, policyRows, type PolicyFieldIn } from "@hearth/protocol";
import { useState } from "react";
import { useCommand } from "../../client/useCommand.ts";
import { Button } from "../../ui/Button.tsx";
import { Form, type Errors } from "../../ui/Form.tsx";
import { Checkbox } from "../../ui/choices.tsx";
import { Select } from "../../ui/Select.tsx";
import { TextField } from "../../ui/TextField.tsx";
import { say } from "../../ui/Toasts.tsx";
import styles from "./Settings.module.css";
import { ConfirmLoss } from "./ConfirmLoss.tsx";
import { fromSpan, toSpan, unitWord, type Span, type Unit } from "./span.ts";

type Policy = NonNullable<OrgView["policy"]>;
type SpanField = PolicyFieldIn<"organisation", "span">;
type Changed = { name?: string; automatic_access?: boolean } & Partial<Record<SpanField, Span>>;

const ROWS = policyRows("organisation");
const isSpan = (field: PolicyFieldIn<"organisation">): field is SpanField => POLICY[field].form.as === "span";
const SPANS = ROWS.map(({ field }) => field).filter(isSpan);
const UNITS: readonly Unit[] = ["days", "hours", "minutes"];

/** What the org has decided. Only what changed is sent. */
export function PolicyForm({ policy }: { policy: Policy }) {
  const save = useCommand("policy.set");
  const [changed, setChanged] = useState<Changed>({});
  const [errors, setErrors] = useState<Errors<keyof Policy>>({});
  /** What loses something for good, until it is confirmed. */
  const [asked, setAsked] = useState<Partial<Policy>>();
  const name = changed.name ?? policy.name;
  const spanOf = (field: SpanField) => changed[field] ?? toSpan(policy[field]);

  const submit = async () => {
    const found: Errors<keyof Policy> = {};
    const wanted: Partial<Policy> = {};
    if (name.trim() !== policy.name) wanted.name = name.trim();
    if (changed.automatic_access !== undefined && changed.automatic_access !== policy.automatic_access)
      wanted.automatic_access = changed.automatic_access;
    for (const field of SPANS) {
      const span = changed[field];
      if (!span) continue;
      const iso = fromSpan(span);
      if (iso === undefined) found[field] = "Type a whole number above zero.";
      else if (iso !== policy[field]) wanted[field] = iso;
    }
    const parsed = PolicyContent.safeParse({ v: 1, ...policy, ...wanted });
    for (const { path } of parsed.error?.issues ?? []) {
      const field = ROWS.find((row) => row.field === path[0]);
      if (field) found[field.field] ??= field.words.wrong;
    }
    setErrors(found);
    if (Object.keys(found).length > 0) return;
    if (Object.keys(wanted).length > 0 && lossesOf(policy, wanted).length > 0) return setAsked(wanted);
    await send(wanted);
  };
  const send = async (wanted: Partial<Policy>) => {
    if (Object.keys(wanted).length > 0) {
      const outcome = await save.run(wanted);
      if (!outcome.ok) return;
    }
    setAsked(undefined);
    setChanged({});
    say("Saved");
  };

  return (
    <>
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
        {ROWS.map(({ field, words: { label, hint } }) => {
          if (field === "name")
            return (
              <TextField
                key={field}
                label={label}
                value={name}
                onChange={(value) => setChanged({ ...changed, name: value })}
                error={errors.name}
              />
            );
          if (field === "automatic_access")
            return (
              <Checkbox
                key={field}
                checked={changed.automatic_access ?? policy.automatic_access ?? false}
                onChange={(on) => setChanged({ ...changed, automatic_access: on })}
                hint={hint}
              >
                {label}
              </Checkbox>
            );
          const span = spanOf(field);
          return (
            <div key={field} className={styles.policy} role="group" aria-labelledby={`policy-${field}`}>
              <p id={`policy-${field}`} className={styles.policyName}>
                {label}
              </p>
              <div className={styles.span}>
                <TextField
                  label={`${label}: how many`}
                  labelHidden
                  value={span.count}
                  onChange={(count) => setChanged({ ...changed, [field]: { ...span, count } })}
                  error={errors[field]}
                />
                <Select
                  label={`${label}: unit`}
                  labelHidden
                  value={span.unit}
                  options={unitsFor(span.unit).map((unit) => ({
                    value: unit,
                    label: unitWord(span.count, unit),
                  }))}
                  onChange={(unit) => setChanged({ ...changed, [field]: { ...span, unit } })}
                />
              </div>
              <p className={styles.policyHint}>{hint}</p>
            </div>
          );
        })}
      </Form>
      {asked ? (
        <ConfirmLoss
          losses={lossesOf(policy, asked)}
          busy={save.busy}
          failure={save.failure?.message}
          onConfirm={() => void send(asked)}
          onClose={() => setAsked(undefined)}
        />
      ) : null}
    </>
  );
}

/** Seconds are for trials: nobody chooses them here, and a policy that has them shows them. */
function unitsFor(unit: Unit): readonly Unit[] {
  return UNITS.includes(unit) ? UNITS : [...UNITS, unit];
}
