"use client";

import type { ReactNode } from "react";
import { Tab, TabList, TabPanel, Tabs as AriaTabs } from "react-aria-components";
import styles from "./Tabs.module.css";

/** Panels of which one is shown. All of `children` of the chosen one fill what is left of the height. */
export function Tabs<Key extends string>({
  label,
  value,
  onChange,
  tabs,
}: {
  label: string;
  value: Key;
  onChange: (key: Key) => void;
  tabs: readonly { key: Key; label: ReactNode; panel: ReactNode }[];
}) {
  return (
    <AriaTabs
      className={styles.tabs ?? ""}
      selectedKey={value}
      onSelectionChange={(key) => onChange(key as Key)}
    >
      <TabList className={styles.list ?? ""} aria-label={label}>
        {tabs.map((tab) => (
          <Tab key={tab.key} id={tab.key} className={styles.tab ?? ""}>
            {tab.label}
          </Tab>
        ))}
      </TabList>
      {tabs.map((tab) => (
        <TabPanel key={tab.key} id={tab.key} className={styles.panel ?? ""}>
          {tab.panel}
        </TabPanel>
      ))}
    </AriaTabs>
  );
}
