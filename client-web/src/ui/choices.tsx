"use client";

import type { ReactNode } from "react";
import {
  Checkbox as AriaCheckbox,
  Label,
  Radio,
  RadioGroup,
  Switch as AriaSwitch,
  Text,
} from "react-aria-components";
import styles from "./fields.module.css";
import { Icon } from "./Icon.tsx";

/** One of a few, each as a button that a gloved thumb can hit. */
export function Choices<Value extends string>({
  label,
  value,
  options,
  onChange,
  hint,
}: {
  label: string;
  value: Value;
  options: readonly { value: Value; label: ReactNode }[];
  onChange: (value: Value) => void;
  hint?: ReactNode;
}) {
  return (
    <RadioGroup className={styles.field ?? ""} value={value} onChange={(next) => onChange(next as Value)}>
      <Label className={styles.label}>{label}</Label>
      <div className={styles.choices}>
        {options.map((option) => (
          <Radio key={option.value} value={option.value} className={styles.choice ?? ""}>
            {option.label}
          </Radio>
        ))}
      </div>
      {hint ? (
        <Text slot="description" className={styles.hint}>
          {hint}
        </Text>
      ) : null}
    </RadioGroup>
  );
}

export function Checkbox({
  children,
  hint,
  checked,
  onChange,
  disabled = false,
}: {
  children: ReactNode;
  hint?: ReactNode;
  checked: boolean;
  onChange: (checked: boolean) => void;
  disabled?: boolean;
}) {
  return (
    <AriaCheckbox
      className={styles.check ?? ""}
      isSelected={checked}
      onChange={onChange}
      isDisabled={disabled}
    >
      <span className={styles.box}>
        <Icon name="check" size={18} />
      </span>
      <span className={styles.checkText}>
        <span>{children}</span>
        {hint ? <span className={styles.checkHint}>{hint}</span> : null}
      </span>
    </AriaCheckbox>
  );
}

export function Switch({
  children,
  on,
  onChange,
  disabled = false,
}: {
  children: ReactNode;
  on: boolean;
  onChange: (on: boolean) => void;
  disabled?: boolean;
}) {
  return (
    <AriaSwitch className={styles.switch ?? ""} isSelected={on} onChange={onChange} isDisabled={disabled}>
      <span className={styles.track} />
      {children}
    </AriaSwitch>
  );
}
