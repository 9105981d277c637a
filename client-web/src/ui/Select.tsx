"use client";

import {
  Button,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Select as AriaSelect,
  SelectValue,
} from "react-aria-components";
import styles from "./fields.module.css";
import { Icon } from "./Icon.tsx";

/** One of a list that opens. */
export function Select<Value extends string>({
  label,
  labelHidden = false,
  value,
  options,
  onChange,
}: {
  label: string;
  labelHidden?: boolean;
  value: Value;
  options: readonly { value: Value; label: string }[];
  onChange: (value: Value) => void;
}) {
  return (
    <AriaSelect
      className={styles.field ?? ""}
      value={value}
      onChange={(key) => key !== null && onChange(key as Value)}
    >
      <Label className={labelHidden ? "visually-hidden" : (styles.label ?? "")}>{label}</Label>
      <Button className={styles.trigger ?? ""}>
        <SelectValue>{({ selectedText }) => <bdi>{selectedText}</bdi>}</SelectValue>
        <Icon name="down" size={18} />
      </Button>
      <Popover className={styles.popover ?? ""}>
        <ListBox className={styles.list ?? ""}>
          {options.map((option) => (
            <ListBoxItem
              key={option.value}
              id={option.value}
              textValue={option.label}
              className={styles.option ?? ""}
            >
              <bdi>{option.label}</bdi>
              <span className={styles.optionMark}>
                <Icon name="check" size={18} />
              </span>
            </ListBoxItem>
          ))}
        </ListBox>
      </Popover>
    </AriaSelect>
  );
}
