"use client";

import type { TimelineItem } from "@hearth/client-core/contract.ts";
import { FIELD_NAMES, type Priority, type RequestFieldName } from "@hearth/protocol";
import { useView } from "../../client/port.tsx";
import { PRIORITY_LABELS } from "../../ui/Badge.tsx";
import { At } from "../../ui/Time.tsx";
import styles from "./Timeline.module.css";

type Changes = Extract<TimelineItem["body"], { kind: "log" }>["changes"];

/** More of a text than this stands in the request itself. */
const MOST_LETTERS = 300;

/** What an edit changed, from what to what; and that its writer had not seen what they replaced. */
export function FieldChanges({ changes }: { changes: Changes }) {
  if (!changes || changes.length === 0) return null;
  return (
    <span className={styles.changes}>
      {changes.map(({ field, from, to, unseen }) => (
        <span key={field} data-unseen={unseen !== undefined || undefined}>
          {capital(FIELD_NAMES[field])}:{" "}
          {from === undefined ? null : (
            <>
              <FieldValue field={field} value={from} /> →{" "}
            </>
          )}
          <FieldValue field={field} value={to} />
          {unseen === undefined ? null : <b> (written without having seen what it replaced)</b>}
        </span>
      ))}
    </span>
  );
}

/** One value of a field, in words. */
export function FieldValue({ field, value }: { field: RequestFieldName; value: unknown }) {
  const org = useView("org");
  if (value === null || value === "" || (Array.isArray(value) && value.length === 0)) return <i>nothing</i>;
  if (Array.isArray(value)) {
    const known = [...(org?.requestTypes ?? []), ...(org?.tags ?? [])];
    const names = value.map((id) => known.find((each) => each.id === id)?.name ?? String(id));
    return <bdi>{names.join(", ")}</bdi>;
  }
  if (field === "priority") return PRIORITY_LABELS[value as Priority];
  if (typeof value === "number") return <At at={value} />;
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return <bdi>{text.length > MOST_LETTERS ? `${text.slice(0, MOST_LETTERS)}…` : text}</bdi>;
}

function capital(words: string): string {
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}
