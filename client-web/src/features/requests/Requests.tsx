"use client";

import { useHash } from "../../client/location.ts";
import { roomInHash } from "../../routes.ts";
import { Empty } from "../../ui/Page.tsx";
import { Room } from "../conversation/Room.tsx";
import { RequestList } from "./RequestList.tsx";
import styles from "./Requests.module.css";

/** The list at the left, the request that the address names beside it; on a phone one or the other. */
export function Requests() {
  const roomId = roomInHash(useHash());
  return (
    <div className={styles.columns} data-open={roomId !== undefined || undefined}>
      <div className={styles.list}>
        <RequestList current={roomId} />
      </div>
      <div className={styles.room}>
        {roomId === undefined ? (
          <Empty title="No request chosen">
            <p>Choose one from the list to read it and talk about it.</p>
          </Empty>
        ) : (
          <Room roomId={roomId} key={roomId} />
        )}
      </div>
    </div>
  );
}
