"use client";

import { Button, Input, SearchField as AriaSearchField } from "react-aria-components";
import styles from "./fields.module.css";
import { Icon } from "./Icon.tsx";

export function SearchField({
  label,
  placeholder,
  value,
  onChange,
  autoFocus = false,
}: {
  label: string;
  placeholder?: string;
  value?: string;
  onChange?: (value: string) => void;
  autoFocus?: boolean;
}) {
  return (
    <AriaSearchField
      className={styles.search ?? ""}
      aria-label={label}
      // People search by callers' names, and a browser's form history outlives every wipe.
      autoComplete="off"
      autoFocus={autoFocus}
      {...(value === undefined ? {} : { value })}
      {...(onChange === undefined ? {} : { onChange })}
    >
      <span className={styles.searchIcon}>
        <Icon name="search" size={18} />
      </span>
      <Input className={styles.input ?? ""} placeholder={placeholder ?? label} dir="auto" />
      <Button className={styles.clear ?? ""}>
        <Icon name="close" size={16} />
      </Button>
    </AriaSearchField>
  );
}
