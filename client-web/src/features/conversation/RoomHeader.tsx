"use client";

import type { RoomView } from "@hearth/client-core/contract.ts";
import { PriorityBadge } from "../../ui/Badge.tsx";
import { At } from "../../ui/Time.tsx";
import { Back } from "./Back.tsx";
import { StatusStrip } from "./StatusStrip.tsx";
import { What } from "./What.tsx";
import styles from "./Room.module.css";
import { useNames } from "./useNames.ts";

export function RoomHeader({ room }: { room: RoomView }) {
  const nameOf = useNames(room);
  const { request } = room;
  return (
    <header className={styles.header}>
      <div className={styles.headline}>
        <Back />
        <div className={styles.names}>
          {request ? (
            <What description={request.fields.description} />
          ) : (
            <h1 className={styles.title}>Can’t be read on this device yet</h1>
          )}
          {request ? (
            <p className={styles.meta}>
              {request.fields.priority ? <PriorityBadge priority={request.fields.priority} /> : null}
              <span>{request.displayId}</span>
              <span>
                opened by <bdi>{nameOf(request.openedBy)}</bdi>, <At at={request.openedAt} />
              </span>
            </p>
          ) : null}
        </div>
      </div>
      {request ? <StatusStrip roomId={room.roomId} request={request} /> : null}
    </header>
  );
}
