"use client";

import type { CommandArg, OrgView } from "@hearth/client-core/contract.ts";
import { useCommand } from "../../client/useCommand.ts";
import { Banner } from "../../ui/Banner.tsx";
import { Select } from "../../ui/Select.tsx";
import { say } from "../../ui/Toasts.tsx";
import styles from "./Settings.module.css";

type Policy = NonNullable<OrgView["policy"]>;
type Field = "lock_idle" | "lock_wipe_after" | "online_unlock" | "device_storage";
type Choice = { readonly value: string; readonly label: string };

const RULES: readonly { field: Field; label: string; hint: string; choices: readonly Choice[] }[] = [
  {
    field: "lock_idle",
    label: "A device with an app lock locks by itself",
    hint: "When it was not used for so long. A person may choose less, not more.",
    choices: [
      { value: "off", label: "When its owner wants" },
      { value: "PT1M", label: "After 1 minute" },
      { value: "PT5M", label: "After 5 minutes" },
      { value: "PT15M", label: "After 15 minutes" },
      { value: "PT1H", label: "After 1 hour" },
    ],
  },
  {
    field: "lock_wipe_after",
    label: "Wrong passphrases destroy the keys",
    hint: "In any case there is a wait after the fifth, and a longer one after each that follows.",
    choices: [
      { value: "off", label: "Never" },
      { value: "5", label: "After 5" },
      { value: "10", label: "After 10" },
      { value: "20", label: "After 20" },
    ],
  },
  {
    field: "online_unlock",
    label: "A device opens what it keeps",
    hint: "With the server’s help, a stolen disk stays shut once the device is wiped, even a copied one. The price: no start without a network.",
    choices: [
      { value: "off", label: "By itself" },
      { value: "on", label: "Only with the server’s help" },
    ],
  },
  {
    field: "device_storage",
    label: "Browsers that can’t forget for sure",
    hint: "Firefox and Safari keep traces of deleted data in their files. Refused, such a device destroys its keys and signs out at once.",
    choices: [
      { value: "any", label: "Are allowed" },
      { value: "own", label: "Are refused" },
    ],
  },
];

/** What the org has decided about devices. Each choice counts at once, for everybody. */
export function DevicePolicy({ policy }: { policy: Policy }) {
  const save = useCommand("policy.set");
  const choose = async (field: Field, value: string) => {
    const outcome = await save.run({ [field]: value } satisfies CommandArg<"policy.set">);
    if (outcome.ok) say("Saved. Every device follows when it next hears from the server.");
  };
  return (
    <>
      {save.failure ? <Banner tone="danger">{save.failure.message}</Banner> : null}
      {RULES.map(({ field, label, hint, choices }) => (
        <div key={field} className={styles.policy}>
          <Select
            label={label}
            value={policy[field] ?? choices[0]?.value ?? ""}
            options={withOwn(choices, policy[field])}
            onChange={(value) => void choose(field, value)}
          />
          <p className={styles.policyHint}>{hint}</p>
        </div>
      ))}
    </>
  );
}

/** A command can set what is not on the list. */
function withOwn(choices: readonly Choice[], value: string | undefined): readonly Choice[] {
  if (value === undefined || choices.some((choice) => choice.value === value)) return choices;
  return [...choices, { value, label: value }];
}
