"use client";

import { useCallback, useEffect, useState } from "react";
import { useGo, useHash } from "../../client/location.ts";
import { requestHref, roomInHash } from "../../routes.ts";
import { Empty } from "../../ui/Page.tsx";
import { Room } from "../conversation/Room.tsx";
import { RequestList } from "./RequestList.tsx";
import styles from "./Requests.module.css";

/** The list at the left, the request that the address names beside it; on a phone one or the other. */
export function Requests() {
  const go = useGo();
  const roomId = roomInHash(useHash());
  const [renamed, setRenamed] = useState<{ from: string; to: string }>();
  const follow = useCallback((from: string, to: string) => setRenamed({ from, to }), []);
  // Only once the key below knows of it may the address change, and only that of the request that it is about.
  useEffect(() => {
    if (renamed && roomId === renamed.from) go(requestHref(renamed.to), { replace: true });
  }, [go, renamed, roomId]);

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
          // The same screen goes on when its request gets its real id: a dialog that is open stays open.
          <Room roomId={roomId} key={renamed?.to === roomId ? renamed.from : roomId} onRenamed={follow} />
        )}
      </div>
    </div>
  );
}
