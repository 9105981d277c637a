"use client";

import type { RequestRow } from "@hearth/client-core/contract.ts";
import { memo } from "react";
import { requestHref } from "../../routes.ts";
import { Badge, PriorityBadge, StatusBadge } from "../../ui/Badge.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Link as AriaLink } from "react-aria-components";
import { Ago } from "../../ui/Time.tsx";
import styles from "./RequestList.module.css";

/** Drawn again when its row is another one: rows that have not changed keep their identity. */
export const RequestRowLink = memo(function RequestRowLink({
  row,
  current,
}: {
  row: RequestRow;
  current: boolean;
}) {
  return (
    <AriaLink
      href={requestHref(row.roomId)}
      className={styles.row ?? ""}
      {...(current ? { "aria-current": "true" as const } : {})}
      {...(row.unread > 0 ? { "data-unread": true } : {})}
    >
      <span className={styles.line}>
        <span className={styles.id}>
          {[row.displayId, row.mine ? "with you" : ""].filter(Boolean).join(" · ")}
        </span>
        <span className={styles.ago}>
          <Ago at={row.openedAt} />
        </span>
      </span>
      <span className={styles.line}>
        {row.title === "" ? (
          <span className={styles.problem}>
            <Icon name="lock" size={16} />
            Can’t be read on this device yet
          </span>
        ) : (
          <span className={styles.title}>
            <bdi>{row.title}</bdi>
          </span>
        )}
        {row.unread > 0 ? (
          <span className={styles.unread}>
            {row.unread}
            <span className="visually-hidden"> new</span>
          </span>
        ) : null}
      </span>
      {row.title === "" && row.problem ? <span className={styles.why}>{row.problem}</span> : null}
      {row.location ? (
        <span className={styles.place}>
          <bdi>{row.location}</bdi>
        </span>
      ) : null}
      <span className={styles.badges}>
        {row.title === "" ? null : <StatusBadge status={row.status} label={row.statusLabel} />}
        {row.priority ? <PriorityBadge priority={row.priority} /> : null}
        {row.sending ? <Badge tone="info">Not sent yet</Badge> : null}
        {row.problem && row.title !== "" ? <Badge tone="warn">Incomplete</Badge> : null}
      </span>
    </AriaLink>
  );
});
