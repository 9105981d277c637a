"use client";

import type { RoomView } from "@hearth/client-core/contract.ts";
import { HAND_STATUSES, STATUS_LABELS, type HandStatus } from "@hearth/protocol";
import { useState } from "react";
import { useCommand } from "../../client/useCommand.ts";
import { Banner } from "../../ui/Banner.tsx";
import { Button, ToggleButton } from "../../ui/Button.tsx";
import { say } from "../../ui/Toasts.tsx";
import { CloseDialog } from "./CloseDialog.tsx";
import styles from "./Room.module.css";

type Request = NonNullable<RoomView["request"]>;
const OPEN = ["unassigned", ...HAND_STATUSES] as const;

/** Where a request stands, as buttons that a gloved thumb hits; what one may not set stands there and says it. */
export function StatusStrip({ roomId, request }: { roomId: string; request: Request }) {
  const set = useCommand("request.do");
  const reopen = useCommand("request.reopen");
  const [closing, setClosing] = useState(false);
  const closed = request.status === "closed";
  const failure = set.failure ?? reopen.failure;

  const choose = async (status: HandStatus | null) => {
    const outcome = await set.run({ roomId, deed: { kind: "set_status", status } });
    if (outcome.ok) say(`Status: ${STATUS_LABELS[status ?? "unassigned"]}`);
  };

  return (
    <>
      <div className={styles.strip} role="group" aria-label="Status">
        {OPEN.map((status) => (
          <ToggleButton
            key={status}
            className={`${styles.status} ${styles[status]}`}
            pressed={request.status === status}
            disabled={!request.may.set_status || closed || set.busy}
            onPress={() => void choose(status === "unassigned" ? null : status)}
          >
            <span className={styles.dot} aria-hidden="true" />
            {STATUS_LABELS[status]}
          </ToggleButton>
        ))}
        {closed || request.may.close ? (
          <ToggleButton
            className={`${styles.status} ${styles.closed}`}
            pressed={closed}
            disabled={closed}
            onPress={() => setClosing(true)}
          >
            <span className={styles.dot} aria-hidden="true" />
            {closed ? STATUS_LABELS.closed : "Close…"}
          </ToggleButton>
        ) : null}
      </div>
      {failure ? <Banner tone="danger">{failure.message}</Banner> : null}
      {closed && request.may.reopen ? (
        <div>
          <Button
            busy={reopen.busy}
            onPress={() =>
              void reopen.run({ roomId }).then((outcome) => outcome.ok && say("The request is open again."))
            }
          >
            Reopen
          </Button>
        </div>
      ) : null}
      <CloseDialog roomId={roomId} request={request} open={closing} onClose={() => setClosing(false)} />
    </>
  );
}
