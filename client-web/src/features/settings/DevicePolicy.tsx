"use client";

import type { CommandArg, OrgView } from "@hearth/client-core/contract.ts";
import { lossesOf, policyRows, type PolicyFieldIn } from "@hearth/protocol";
import { useState } from "react";
import { useCommand } from "../../client/useCommand.ts";
import { Banner } from "../../ui/Banner.tsx";
import { Select } from "../../ui/Select.tsx";
import { say } from "../../ui/Toasts.tsx";
import { ConfirmLoss } from "./ConfirmLoss.tsx";
import styles from "./Settings.module.css";

type Policy = NonNullable<OrgView["policy"]>;
type Field = PolicyFieldIn<"devices">;
type Choice = { readonly value: string; readonly label: string };

/** What the org has decided about devices. Each choice counts at once, for everybody. */
export function DevicePolicy({ policy }: { policy: Policy }) {
  const save = useCommand("policy.set");
  /** What loses something for good, until it is confirmed. */
  const [asked, setAsked] = useState<{ readonly field: Field; readonly value: string }>();
  const choose = (field: Field, value: string) =>
    lossesOf(policy, { [field]: value }).length > 0 ? setAsked({ field, value }) : void send(field, value);
  const send = async (field: Field, value: string) => {
    const outcome = await save.run({ [field]: value } satisfies CommandArg<"policy.set">);
    if (!outcome.ok) return;
    setAsked(undefined);
    say("Saved. Every device follows when it next hears from the server.");
  };
  return (
    <>
      {save.failure ? <Banner tone="danger">{save.failure.message}</Banner> : null}
      {policyRows("devices").map(({ field, words: { label, hint }, form: { choices } }) => (
        <div key={field} className={styles.policy}>
          <Select
            label={label}
            value={policy[field] ?? choices[0]?.value ?? ""}
            options={withOwn(choices, policy[field])}
            onChange={(value) => choose(field, value)}
          />
          <p className={styles.policyHint}>{hint}</p>
        </div>
      ))}
      {asked ? (
        <ConfirmLoss
          losses={lossesOf(policy, { [asked.field]: asked.value })}
          busy={save.busy}
          failure={save.failure?.message}
          onConfirm={() => void send(asked.field, asked.value)}
          onClose={() => setAsked(undefined)}
        />
      ) : null}
    </>
  );
}

/** A command can set what is not on the list. */
function withOwn(choices: readonly Choice[], value: string | undefined): readonly Choice[] {
  if (value === undefined || choices.some((choice) => choice.value === value)) return choices;
  return [...choices, { value, label: value }];
}
