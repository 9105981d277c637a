"use client";

import type { BackupView } from "@hearth/client-core/contract.ts";
import { useState } from "react";
import { useView } from "../../client/port.tsx";
import { useCommand } from "../../client/useCommand.ts";
import { Banner } from "../../ui/Banner.tsx";
import { Button } from "../../ui/Button.tsx";
import { count } from "../../ui/count.ts";
import { Link } from "../../ui/Link.tsx";
import { At } from "../../ui/Time.tsx";
import { TurnOnBackup } from "./TurnOnBackup.tsx";
import styles from "./backup.module.css";

const WHY_KEY: Record<(BackupView & { state: "needs_recovery_key" })["reason"], string> = {
  missing:
    "Your role comes with a key backup, so that you can read old messages again if you lose this device. It is not on yet.",
  locked: "Your key backup can’t be opened on this device yet, so older messages stay unreadable here.",
  unsafe: "Your key backup can only be opened by this device. If you lose it, the backup is lost too.",
};

/** The list, and where devices are looked after. Elsewhere nobody can use it, and beside a conversation it takes room. */
const PLACES = ["/requests/", "/devices/", "/settings/"];

/**
 * What somebody must know, or do, about older messages on this device.
 * @param place the path, or `room`
 */
export function BackupBar({ place }: { place: string }) {
  const backup = useView("backup");
  const dismiss = useCommand("encryption.dismissNotice");
  const [asking, setAsking] = useState(false);

  switch (backup?.state) {
    case "needs_recovery_key":
      return !PLACES.includes(place) ? null : (
        <>
          <Banner tone="warn" flat live>
            <div className={styles.line}>
              <span>{WHY_KEY[backup.reason]}</span>
              <Button size="small" onPress={() => setAsking(true)}>
                Enter recovery key
              </Button>
            </div>
          </Banner>
          <TurnOnBackup open={asking} onClose={() => setAsking(false)} />
        </>
      );
    case "restoring":
      return (
        <Banner tone="info" flat>
          <div className={styles.line}>
            <span>
              Bringing back older messages: {backup.restored} of {count(backup.total, "key")}. You can work
              meanwhile.
            </span>
            <progress
              aria-label="Keys brought back"
              value={backup.restored}
              max={Math.max(1, backup.total)}
            />
          </div>
        </Banner>
      );
    case "none":
      // Each message that can't be read says so itself.
      return backup.unreadableBefore === undefined || place !== "/requests/" ? null : (
        <Banner tone="info" flat>
          <div className={styles.line}>
            <span>
              This device is new: it has no keys for messages from before <At at={backup.unreadableBefore} />.
              Requests show what their summaries say. For more, <Link href="/access/">ask for access</Link>.
            </span>
            <Button size="small" busy={dismiss.busy} onPress={() => void dismiss.run({})}>
              Got it
            </Button>
          </div>
        </Banner>
      );
    case "on":
    case undefined:
      return null;
  }
}
