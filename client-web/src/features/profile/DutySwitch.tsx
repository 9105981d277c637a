"use client";

import { useState } from "react";
import { useView } from "../../client/port.tsx";
import { useCommand } from "../../client/useCommand.ts";
import { Switch } from "../../ui/choices.tsx";
import { say } from "../../ui/Toasts.tsx";
import styles from "./DutySwitch.module.css";

/** On duty or not: everybody in the team sees it, and it stands first when people are picked for a request. */
export function DutySwitch({ compact = false }: { compact?: boolean }) {
  const me = useView("team")?.members.find((member) => member.isMe);
  const { run } = useCommand("duty.set");
  // Moves at once under the thumb; counts until the view says something new, and goes back if it was refused.
  const [asked, setAsked] = useState<{ on: boolean; instead: string }>();
  const shown = `${me?.onDuty} ${me?.dutySince}`;
  const on = asked?.instead === shown ? asked.on : (me?.onDuty ?? false);

  const change = async (next: boolean) => {
    setAsked({ on: next, instead: shown });
    const outcome = await run({ onDuty: next });
    if (!outcome.ok) setAsked(undefined);
    say(outcome.ok ? (next ? "You are on duty." : "You are off duty.") : outcome.message);
  };

  return (
    <div className={compact ? styles.compact : ""}>
      <Switch on={on} disabled={me === undefined} onChange={(next) => void change(next)}>
        <span className={styles.word}>On duty</span>
      </Switch>
    </div>
  );
}
