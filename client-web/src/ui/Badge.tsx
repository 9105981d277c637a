import type { Priority, RequestStatus } from "@hearth/protocol";
import type { ReactNode } from "react";
import styles from "./Badge.module.css";

const STATUS_TONE: Record<RequestStatus, string> = {
  unassigned: "warn",
  on_the_way: "info",
  on_site: "ok",
  finished: "violet",
  closed: "quiet",
};

/** A status in its colour, and always in its word. */
export function StatusBadge({ status, label }: { status: RequestStatus; label: string }) {
  return (
    <span className={`${styles.badge} ${styles[STATUS_TONE[status]]}`}>
      <span className={styles.dot} aria-hidden="true" />
      {label}
    </span>
  );
}

export const PRIORITY_LABELS: Record<Priority, string> = {
  critical: "Critical",
  urgent: "Urgent",
  non_urgent: "Non-urgent",
};
const PRIORITY_TONE: Record<Priority, string> = { critical: "danger", urgent: "warn", non_urgent: "quiet" };

export function PriorityBadge({ priority }: { priority: Priority }) {
  return (
    <span className={`${styles.badge} ${styles[PRIORITY_TONE[priority]]} ${styles.square}`}>
      {PRIORITY_LABELS[priority]}
    </span>
  );
}

export function Badge({
  tone = "quiet",
  children,
}: {
  tone?: "quiet" | "ok" | "warn" | "danger" | "info" | "accent";
  children: ReactNode;
}) {
  return <span className={`${styles.badge} ${styles[tone]} ${styles.square}`}>{children}</span>;
}
