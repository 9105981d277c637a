"use client";

import { fromAbsolute, getLocalTimeZone, type ZonedDateTime } from "@internationalized/date";
import { DateField, DateInput, DateSegment, FieldError, Label, Text } from "react-aria-components";
import { useState } from "react";
import { Button } from "./Button.tsx";
import styles from "./fields.module.css";

/** A day and a time to the minute, in the reader's own time zone; the value is an instant in milliseconds. */
export function DateTimeField({
  label,
  hint,
  error,
  value,
  onChange,
}: {
  label: string;
  hint?: string;
  error?: string | undefined;
  value: number | undefined;
  onChange: (value: number | undefined) => void;
}) {
  const zone = getLocalTimeZone();
  const [today] = useState(Date.now);
  return (
    <div className={styles.dateRow}>
      <DateField<ZonedDateTime>
        className={styles.field ?? ""}
        style={{ flex: "1 1 240px" }}
        granularity="minute"
        hideTimeZone
        validationBehavior="aria"
        isInvalid={error !== undefined}
        value={value === undefined ? null : fromAbsolute(value, zone)}
        placeholderValue={fromAbsolute(today, zone)}
        onChange={(next) => onChange(next?.toDate().getTime())}
      >
        <Label className={styles.label}>{label}</Label>
        <div className={styles.dateRow}>
          <DateInput className={styles.date ?? ""}>
            {(segment) => <DateSegment segment={segment} className={styles.segment ?? ""} />}
          </DateInput>
          <Button
            onPress={() => onChange(wholeMinute(Date.now()))}
            name={`Now: ${label.toLowerCase()}`}
            size="small"
            kind="secondary"
          >
            Now
          </Button>
          {value === undefined ? null : (
            <Button
              onPress={() => onChange(undefined)}
              name={`Clear ${label.toLowerCase()}`}
              size="small"
              kind="quiet"
            >
              Clear
            </Button>
          )}
        </div>
        {hint ? (
          <Text slot="description" className={styles.hint}>
            {hint}
          </Text>
        ) : null}
        <FieldError className={styles.error ?? ""}>{error}</FieldError>
      </DateField>
    </div>
  );
}

function wholeMinute(ms: number): number {
  return ms - (ms % 60_000);
}
