"use client";

import { isolated } from "@hearth/protocol";
import { useMemo } from "react";
import {
  Autocomplete,
  Button,
  Header,
  Label,
  ListBox,
  ListBoxItem,
  ListBoxSection,
  Popover,
  Select as AriaSelect,
  SelectValue,
  Text,
  useFilter,
} from "react-aria-components";
import styles from "./fields.module.css";
import { Icon } from "./Icon.tsx";
import { SearchField } from "./SearchField.tsx";

export type Option = { id: string; name: string; category: string };

/** Several of a long list by category, found by typing. What is chosen stands below and can be taken away there. */
export function MultiSelect({
  label,
  searchLabel,
  placeholder,
  hint,
  options,
  value,
  onChange,
}: {
  label: string;
  searchLabel: string;
  placeholder: string;
  hint?: string;
  options: readonly Option[];
  value: readonly string[];
  onChange: (value: string[]) => void;
}) {
  const { contains } = useFilter({ sensitivity: "base" });
  const byCategory = useMemo(() => Map.groupBy(options, (option) => option.category), [options]);
  const names = useMemo(() => new Map(options.map((option) => [option.id, option.name])), [options]);

  return (
    <AriaSelect
      className={styles.field ?? ""}
      selectionMode="multiple"
      value={value}
      onChange={(keys) => onChange(keys.map(String))}
    >
      <Label className={styles.label}>{label}</Label>
      <Button className={styles.trigger ?? ""}>
        <SelectValue>{value.length === 0 ? placeholder : `${value.length} chosen: change`}</SelectValue>
        <Icon name="down" size={18} />
      </Button>
      {hint ? (
        <Text slot="description" className={styles.hint}>
          {hint}
        </Text>
      ) : null}
      <Popover className={styles.popover ?? ""}>
        <Autocomplete filter={contains}>
          <SearchField label={searchLabel} autoFocus />
          <ListBox
            className={styles.list ?? ""}
            renderEmptyState={() => <p className={styles.empty}>Nothing by that name.</p>}
          >
            {[...byCategory].map(([category, items]) => (
              <ListBoxSection key={category} id={`category:${category}`}>
                <Header className={styles.group}>
                  <bdi>{category}</bdi>
                </Header>
                {items.map((item) => (
                  <ListBoxItem
                    key={item.id}
                    id={item.id}
                    textValue={item.name}
                    className={styles.option ?? ""}
                  >
                    <bdi>{item.name}</bdi>
                    <span className={styles.optionMark}>
                      <Icon name="check" size={18} />
                    </span>
                  </ListBoxItem>
                ))}
              </ListBoxSection>
            ))}
          </ListBox>
        </Autocomplete>
      </Popover>
      {value.length > 0 ? (
        <ul className={styles.tags} aria-label={`${label}: chosen`}>
          {value.map((id) => (
            <li key={id} className={styles.tag}>
              <bdi>{names.get(id) ?? id}</bdi>
              <Button
                slot={null}
                className={styles.tagRemove ?? ""}
                aria-label={`Remove ${isolated(names.get(id) ?? id)}`}
                onPress={() => onChange(value.filter((other) => other !== id))}
              >
                <Icon name="close" size={14} />
              </Button>
            </li>
          ))}
        </ul>
      ) : null}
    </AriaSelect>
  );
}
