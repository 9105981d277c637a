"use client";

import { useState } from "react";
import { useView } from "../../client/port.tsx";
import { useCommand } from "../../client/useCommand.ts";
import { Banner } from "../../ui/Banner.tsx";
import { Button } from "../../ui/Button.tsx";
import { ConfirmDialog } from "../../ui/Dialog.tsx";
import { say } from "../../ui/Toasts.tsx";
import { ReadCode } from "./ReadCode.tsx";
import styles from "./Team.module.css";

/**
 * The code of the list of members: an admin reads it out, and a device that was told nothing of which list to believe
 * has it compared.
 */
export function WhichList() {
  const list = useView("team")?.list;
  const isAdmin = useView("session")?.isAdmin ?? false;
  if (list?.compare) return <Compare code={list.code} />;
  return list && isAdmin ? (
    <p className={styles.small}>
      This team’s code, to be read by phone or in person to somebody whose device asks for it:
      <ReadCode code={list.code} />
    </p>
  ) : null;
}

function Compare({ code }: { code: string }) {
  const [asking, setAsking] = useState(false);
  const believe = useCommand("roster.believe");
  return (
    <>
      <Banner tone="warn" live={false}>
        <span>
          <b>This device doesn’t know which list of members to believe.</b> Nobody gets your messages until
          you have compared its code with an admin, or have opened Hearth on another device of yours.
        </span>
        <Button size="small" onPress={() => setAsking(true)}>
          Compare with an admin
        </Button>
      </Banner>
      <ConfirmDialog
        title="Is this your team’s list?"
        open={asking}
        action="The codes are the same"
        kind="primary"
        busy={believe.busy}
        failure={believe.failure?.message}
        onConfirm={() =>
          void believe.run({ code }).then((outcome) => {
            if (!outcome.ok) return;
            say("This device follows your team’s list now.");
            setAsking(false);
          })
        }
        onClose={() => setAsking(false)}
      >
        <p>
          Call an admin or meet them. Ask them to open Team and to read you this team’s code, which stands on
          top. Do not ask in writing.
        </p>
        <p>
          It must be this one:
          <ReadCode code={code} />
        </p>
        <p>If a single digit differs, cancel and tell the admins at once.</p>
      </ConfirmDialog>
    </>
  );
}
