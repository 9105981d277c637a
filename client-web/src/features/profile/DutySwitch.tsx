"use client";

import { useView } from "../../client/port.tsx";
import { useCommand } from "../../client/useCommand.ts";
import { Switch } from "../../ui/choices.tsx";
import { say } from "../../ui/Toasts.tsx";
import styles from "./DutySwitch.module.css";

/** On duty or not: everybody in the team sees it, and it stands first when people are picked for a request. */
export function DutySwitch({ compact = false }: { compact?: boolean }) {
  const me = useView("team")?.members.find((member) => member.isMe);
  const set = useCommand("duty.set");
  const onDuty = me?.onDuty ?? false;
  return (
    <div className={compact ? styles.compact : ""}>
      <Switch
        on={onDuty}
        disabled={me === undefined || set.busy}
        onChange={(next) =>
          void set
            .run({ onDuty: next })
            .then((outcome) =>
              say(outcome.ok ? (next ? "You are on duty." : "You are off duty.") : outcome.message),
            )
        }
      >
        <span className={styles.word}>On duty</span>
      </Switch>
    </div>
  );
}
